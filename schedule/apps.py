from django.apps import AppConfig


class ScheduleConfig(AppConfig):
    name = "schedule"

    def ready(self) -> None:
        from bands import merging, shows  # the library knows nothing of sets, so it is told here
        from schedule import band_merging, band_shows

        merging.register_mover("sets", band_merging.MOVER)
        shows.register(band_shows.read_shows)
