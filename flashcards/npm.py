"""Serves just what our pages use of the packages in node_modules, under /static/vendor/."""

from fnmatch import fnmatch

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage

# name under /static/vendor/ -> (folder of node_modules, patterns of its files)
PACKAGES = {
    "pico": ("@picocss/pico/css", ["pico.min.css"]),
    "htmx": ("htmx.org/dist", ["htmx.min.js"]),
    "hanzi-writer": ("hanzi-writer/dist", ["hanzi-writer.min.js", "hanzi-writer.min.js.map"]),
    "noto-sans-sc": ("@fontsource-variable/noto-sans-sc", ["index.css", "files/*-wght-normal.woff2"]),
    "noto-sans-tc": ("@fontsource-variable/noto-sans-tc", ["index.css", "files/*-wght-normal.woff2"]),
    "wenkai": ("lxgw-wenkai-webfont", ["lxgwwenkai-regular.css", "files/lxgwwenkai-regular-*.woff2"]),
}


class NpmFinder(FileSystemFinder):
    """Finds the files of PACKAGES."""

    def __init__(self, app_names=None, *args, **kwargs):
        modules = settings.BASE_DIR / "node_modules"
        self.locations = [(f"vendor/{name}", str(modules / folder)) for name, (folder, _) in PACKAGES.items()]
        self.storages = {}
        for prefix, root in self.locations:
            storage = FileSystemStorage(location=root)
            storage.prefix = prefix
            self.storages[root] = storage

    def check(self, **kwargs):
        return []

    def find_location(self, root, path, prefix=None):
        inside = path.removeprefix(f"{prefix}/")
        return super().find_location(root, path, prefix) if _wanted(prefix, inside) else None

    def list(self, ignore_patterns):
        for path, storage in super().list(ignore_patterns):
            if _wanted(storage.prefix, path):
                yield path, storage


def _wanted(prefix, path):
    _, patterns = PACKAGES[prefix.removeprefix("vendor/")]
    return any(fnmatch(path, pattern) for pattern in patterns)
