// A place to drop a photo on around the file input, and the photo itself before it is saved.

const words = document.getElementById("photo-drop-words")?.dataset;

function line(className = "") {
  const paragraph = document.createElement("p");
  paragraph.className = className;
  return paragraph;
}

function wrap(input) {
  input.hasChangeListener = true; // the theme's own would look for the text field that its file inputs have
  const link = input.parentElement.querySelector("a[href*='/media/']");
  const zone = document.createElement("div");
  zone.className = "photo-drop";
  const image = new Image();
  const fault = line("photo-fault");
  fault.setAttribute("role", "alert");
  const hint = line();
  hint.textContent = words.drop;
  input.before(zone);
  zone.append(image, hint, input, fault);
  show(image, link?.href, words.current);

  const look = () => {
    const file = input.files[0];
    fault.textContent = file ? faultOf(file, input) : "";
    if (fault.textContent) input.value = "";
    if (!input.files[0]) return show(image, link?.href, words.current);
    const reader = new FileReader(); // as data: the page's policy takes pictures from here and from data alone
    reader.addEventListener("load", () => show(image, reader.result, words.preview));
    reader.readAsDataURL(input.files[0]);
  };
  input.addEventListener("change", look);
  for (const name of ["dragover", "dragleave", "drop"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.toggle("is-over", name === "dragover");
    });
  }
  zone.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    const dropped = new DataTransfer();
    dropped.items.add(event.dataTransfer.files[0]);
    input.files = dropped.files;
    look();
  });
}

function show(image, address, alt) {
  image.hidden = !address;
  image.alt = alt;
  if (address) image.src = address;
}

function faultOf(file, input) {
  if (!input.accept.split(",").includes(file.type)) return words.other;
  return file.size > Number(input.dataset.mostBytes) ? words.large : "";
}

if (words) for (const input of document.querySelectorAll("input[type=file][data-photo]")) wrap(input);
