"""What makes the site an app on a device: its manifest, its service worker, and the page that needs no network."""

import hashlib
import json

from django.http import HttpResponse, JsonResponse
from django.template.loader import get_template
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.middleware import without_user

# What a study page needs of our own; fonts, strokes and sounds are kept as they are met.
ASSETS = [
    *("vendor/pico/pico.min.css", "css/site.css", "css/card.css", "css/dictionary.css", "css/study.css"),
    *("vendor/noto-sans-sc/index.css", "vendor/noto-sans-tc/index.css", "vendor/wenkai/lxgwwenkai-regular.css"),
    *("js/app.js", "js/answers.js", "js/input.js", "js/offline.js", "js/outbox.js", "js/queue.js", "js/scheduling.js"),
    *("js/sound.js", "js/store.js", "js/study.js", "js/words.js", "js/writing.js"),
    *("vendor/hanzi-writer/hanzi-writer.min.js", "img/favicon.svg", "img/seal.svg"),
]
ICONS = [("img/icon-192.png", "192x192", "any"), ("img/icon-512.png", "512x512", "any")]
ICONS += [("img/icon-maskable-512.png", "512x512", "maskable")]


@without_user
@require_safe
@cache_control(max_age=3600)
def manifest(request):
    """Tell browsers how to install the site."""
    icons = [{"src": static(name), "sizes": sizes, "type": "image/png", "purpose": use} for name, sizes, use in ICONS]
    about = {
        "id": "/",
        "name": "Chinese Flashcards",
        "short_name": "Flashcards",
        "description": "Learn Chinese words, and keep them",
        "lang": "en",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#FBF8F1",
        "theme_color": "#FBF8F1",
        "icons": icons,
        "shortcuts": [{"name": "Study", "url": "/study/"}],
    }
    return JsonResponse(about, content_type="application/manifest+json")


@without_user
@require_safe
@cache_control(no_cache=True)
def service_worker(request):
    """Answer with the service worker; it changes when one of the assets does."""
    assets = json.dumps([static(name) for name in ASSETS])
    version = hashlib.sha256(assets.encode()).hexdigest()[:12]
    script = get_template("sw.js").render({"assets": assets, "version": version})
    return HttpResponse(script, content_type="text/javascript")


@without_user
@require_safe
@cache_control(no_cache=True)
def offline(request):
    """What one sees without a network: the same for everybody, since the device keeps it."""
    return HttpResponse(get_template("offline.html").render({}))
