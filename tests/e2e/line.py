"""The line between a browser and the site: slow, cut, or both; a proxy on a port of its own."""

import socket
import threading
import time
from contextlib import suppress


class Line:
    """Passes on what comes to its port. `delay` is in seconds and added to each request, `cut` refuses every one."""

    def __init__(self, port, delay=0.0):
        self.server = ("127.0.0.1", port)
        self.delay = delay
        self.open_sockets = set()
        self.listener = None
        self.port = 0
        self.mend()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def mend(self):
        """Take connections; on the same port as before."""
        self.listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, args=[self.listener], daemon=True).start()

    def cut(self):
        """Refuse connections, as a server does that was stopped, and break off those that there are."""
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for each in list(self.open_sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
                server = socket.create_connection(self.server)
            except OSError:
                return
            self.open_sockets |= {client, server}
            threading.Thread(target=self._pass_on, args=[client, server, True], daemon=True).start()
            threading.Thread(target=self._pass_on, args=[server, client, False], daemon=True).start()

    def _pass_on(self, source, target, is_request):
        with suppress(OSError):
            while data := source.recv(65536):
                if is_request:
                    time.sleep(self.delay)
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
            self.open_sockets.discard(each)
