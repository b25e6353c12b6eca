"""The shop's catalogue: GET /catalogue, GET /catalogue/ID, out of PostgreSQL. GET /ready says whether the database answers."""
import http.server
import json
import os
import socket
import threading

import psycopg2

DATABASE = os.environ.get("DATABASE", "host=postgres.shop.svc.cluster.local user=shop dbname=postgres connect_timeout=3 gssencmode=disable")
connections = threading.local()


def query(statement, *values):
    """Rows; each thread, so each client, has a connection, which is made anew after an error."""
    try:
        if not hasattr(connections, "one"):
            connections.one = psycopg2.connect(DATABASE)
            connections.one.autocommit = True
        with connections.one.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()
    except psycopg2.Error:
        connections.__dict__.pop("one", None)
        raise


class Catalogue(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.split("?")[0].rstrip("/")
        try:
            if path == "/ready":
                query("SELECT 1")
                self.answer(200, {"ready": True})
            elif path == "/catalogue":
                self.answer(200, [{"id": key, "name": name, "price": str(price)} for key, name, price in query("SELECT * FROM item ORDER BY id")])
            elif path.removeprefix("/catalogue/").isdigit():
                rows = query("SELECT id, name, price FROM item WHERE id = %s", int(path.removeprefix("/catalogue/")))
                self.answer(*((200, {"id": rows[0][0], "name": rows[0][1], "price": str(rows[0][2])}) if rows else (404, {"error": "no such item"})))
            else:
                self.answer(404, {"error": "no such path"})
        except psycopg2.Error as error:
            self.answer(503, {"error": str(error)})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Pod", socket.gethostname())
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    Server(("", 8080), Catalogue).serve_forever()
