# One image for web, worker and beat; the command decides which. Built in two stages, runs without root.
FROM python:3.11-slim-bookworm AS packages
COPY requirements.txt .
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data
RUN useradd --system --create-home settimes && mkdir /data && chown settimes /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
RUN SECRET_KEY=only-for-this-step DATA_DIR=/tmp/build python manage.py collectstatic --no-input --verbosity 0
USER settimes
VOLUME /data
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "4", "settimes.wsgi:application"]
