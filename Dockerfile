# One image for every process: web, workers, clock, and commands. No secret is needed to build it, and none is inside.
FROM python:3.11-slim-bookworm AS packages
RUN python -m venv /opt/venv
COPY requirements.txt /tmp/
RUN /opt/venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/requirements.txt

FROM python:3.11-slim-bookworm
# The account that everything runs under owns nothing but customers' files.
RUN useradd --system --uid 10001 --no-create-home gigaviz \
    && mkdir -p /var/lib/gigaviz/static /var/lib/gigaviz/media \
    && chown gigaviz /var/lib/gigaviz/media
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STATIC_FOLDER=/var/lib/gigaviz/static \
    MEDIA_FOLDER=/var/lib/gigaviz/media
WORKDIR /srv/gigaviz
COPY . .
RUN python manage.py collectstatic --noinput --verbosity 0
USER gigaviz
VOLUME /var/lib/gigaviz/media
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "1", \
    "--blocking-threads", "16", "--backlog", "1024", "--no-ws", "gigaviz.wsgi:application"]
