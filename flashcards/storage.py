"""Where static files are kept."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's, with the names of modules that import one another made anew, too."""

    support_js_module_import_aggregation = True
