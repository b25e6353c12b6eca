"""An Ingress as ingress-nginx serves it: its annotations in the nginx.conf that the controller's template makes of them, with the controller's
defaults where there is no annotation (kubernetes/ingress-nginx: rootfs/etc/nginx/template/nginx.tmpl, internal/ingress/controller/config)."""

PREFIX = "nginx.ingress.kubernetes.io/"
# The controller's default for old workers after a reload, of which there is one at every change of any Ingress, Secret or endpoint it has no Lua for.
WORKER_SHUTDOWN_SECONDS = 240
DEFAULTS = {"proxy-connect-timeout": "5", "proxy-read-timeout": "60", "proxy-send-timeout": "60", "proxy-body-size": "1m", "proxy-buffering": "off",
            "proxy-buffer-size": "4k", "proxy-request-buffering": "on"}
HEADERS = {"Host": "$http_host", "Upgrade": "$http_upgrade", "Connection": "$connection_upgrade", "X-Request-ID": "$request_id", "X-Real-IP": "$remote_addr",
           "X-Forwarded-For": "$remote_addr", "X-Forwarded-Host": "$http_host", "X-Forwarded-Port": "443", "X-Forwarded-Proto": "$scheme",
           "X-Forwarded-Scheme": "$scheme", "X-Scheme": "$scheme", "X-Original-Forwarded-For": "$http_x_forwarded_for", "Proxy": '""'}


def settings(ingress):
    """Of the annotations; one that is not known here is an error: it would be tested by nobody."""
    given = {name[len(PREFIX):]: value for name, value in ingress["metadata"].get("annotations", {}).items() if name.startswith(PREFIX)}
    unknown = set(given) - set(DEFAULTS)
    if unknown:
        raise SystemExit(f"the Ingress has annotations that ingress_nginx.py does not translate: {', '.join(sorted(unknown))}: add them to DEFAULTS and to location()")
    return {**DEFAULTS, **given}


def location(match, of):
    headers = "\n".join(f"      proxy_set_header {name} {value};" for name, value in HEADERS.items())
    return f"""    location {match} {{
      client_max_body_size {of["proxy-body-size"]};
{headers}
      proxy_connect_timeout {of["proxy-connect-timeout"]}s;
      proxy_send_timeout {of["proxy-send-timeout"]}s;
      proxy_read_timeout {of["proxy-read-timeout"]}s;
      proxy_buffering {of["proxy-buffering"]};
      proxy_buffer_size {of["proxy-buffer-size"]};
      proxy_buffers 4 {of["proxy-buffer-size"]};
      proxy_max_temp_file_size 1024m;
      proxy_request_buffering {of["proxy-request-buffering"]};
      proxy_http_version 1.1;
      proxy_cookie_domain off;
      proxy_cookie_path off;
      proxy_next_upstream error timeout;
      proxy_next_upstream_tries 3;
      proxy_pass http://upstream_balancer;
      proxy_redirect off;
    }}
"""


def configuration(ingress, listen, backend, certificate, key, folder, worker_shutdown_seconds=WORKER_SHUTDOWN_SECONDS):
    """The controller's nginx.conf for this one Ingress. listen and backend: ADDRESS:PORT; certificate and key: files; folder: for what nginx writes."""
    rule = ingress["spec"]["rules"][0]
    path = rule["http"]["paths"][0]
    if path["pathType"] != "Prefix":
        raise SystemExit(f"pathType {path['pathType']}: only Prefix is translated")
    of = settings(ingress)
    base = path["path"].rstrip("/")
    locations = "".join(location(match, of) for match in ([f"{base}/", f"= {base}"] if base else ["/"]))
    temporary = "\n".join(f"  {kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "scgi", "uwsgi"))
    return f"""pid {folder}/nginx.pid;
daemon off;
worker_processes 2;
worker_shutdown_timeout {worker_shutdown_seconds}s;
error_log {folder}/error.log notice;
events {{ multi_accept on; worker_connections 16384; use epoll; }}
http {{
{temporary}
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  reset_timedout_connection on;
  keepalive_timeout 75s;
  keepalive_requests 1000;
  client_header_buffer_size 1k;
  client_header_timeout 60s;
  large_client_header_buffers 4 8k;
  client_body_buffer_size 8k;
  client_body_timeout 60s;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:SSL:10m;
  ssl_session_timeout 10m;
  ssl_session_tickets off;
  ssl_buffer_size 4k;
  proxy_ssl_session_reuse on;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
  upstream upstream_balancer {{ server {backend}; keepalive 320; keepalive_timeout 60s; keepalive_requests 10000; }}
  server {{
    server_name {rule["host"]};
    listen {listen} ssl http2;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
{locations}{"    location / { return 404; }" if base else ""}
  }}
}}
"""
