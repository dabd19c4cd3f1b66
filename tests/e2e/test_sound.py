"""Words said aloud in a browser that has no Chinese voice, and in one that has."""

import pytest
from django.core.management import call_command
from django.template.loader import render_to_string

from decks import audio
from tests.decks.sounds import make_pack, mp3
from tests.e2e.conftest import ARTIFACTS, DESK, PHONE

# What a browser with voices has: this is the browser, none of our code. A voice of another name says something else.
VOICES = """
  window.spoken = [];
  window.how = { fails: null, silent: false, takes: 30 };
  class Utterance extends EventTarget {
    constructor(text) { super(); this.text = text; }
  }
  const speech = new EventTarget();
  let voices = %s;
  let current = null;
  speech.getVoices = () => voices;
  speech.setVoices = (others) => { voices = others; speech.dispatchEvent(new Event("voiceschanged")); };
  speech.speak = (utterance) => {
    const { text, lang, rate, voice } = utterance;
    spoken.push({ text, lang, rate, voice: voice.name });
    if (how.silent) return;
    if (how.fails) return setTimeout(() => utterance.onerror({ error: how.fails }));
    current = utterance;
    setTimeout(() => utterance.onstart());
    setTimeout(() => { if (current === utterance) { current = null; utterance.onend(); } }, how.takes);
  };
  speech.cancel = () => {
    const cancelled = current;
    current = null;
    if (cancelled) setTimeout(() => cancelled.onerror({ error: "interrupted" }));
  };
  Object.defineProperty(window, "speechSynthesis", { value: speech });
  window.SpeechSynthesisUtterance = Utterance;
"""
ENGLISH = '{ name: "Daniel", lang: "en-GB", localService: true }'
TINGTING = '{ name: "Tingting", lang: "zh-CN", localService: true }'
CHINESE = f"[{ENGLISH}, {TINGTING}]"


@pytest.fixture(autouse=True)
def _pack(settings, tmp_path, monkeypatch):
    """A pack with one word and one syllable, a quarter of a second each."""
    settings.AUDIO_PATH = tmp_path / "audio"
    monkeypatch.setattr(audio, "LOOK_AGAIN_AFTER", 0)
    words, syllabs = {"学生.mp3": mp3(tag=b"xuesheng")}, {"zhang3.mp3": mp3(tag=b"zhang3")}
    call_command("load_audio", make_pack(tmp_path / "pack", words=words, syllabs=syllabs), verbosity=0)


@pytest.fixture
def show(open_page):
    """Return a function that opens a page with buttons to play, for a browser with these voices or as it is."""

    def show(*buttons, voices=None, **options):
        page = open_page(**options)
        if voices:
            page.add_init_script(VOICES % voices)
        page.goto("/credits/")
        html = "".join(render_to_string("decks/_play.html", button) for button in buttons)
        page.evaluate("html => { document.querySelector('main').innerHTML = html; }", html)
        page.evaluate(
            """async () => {
              window.sound = await import("/static/js/sound.js");
              window.unhandled = [];
              addEventListener("unhandledrejection", ({ reason }) => unhandled.push(String(reason)));
              sound.prepare(document.querySelector("main"));
            }"""
        )
        return page

    return show


def button(hanzi, numbers, **fields):
    return {"text": hanzi, "sounds": audio.sounds_of(hanzi, numbers), "label": f"Listen to {hanzi}", **fields}


STUDENT = ("学生", "xue2 sheng5")
APPLE = ("苹果", "ping2 guo3")
GROW = ("长", "zhang3")


def shown(page):
    return [each.inner_text().strip() for each in page.locator("button.play").all() if each.is_visible()]


def play(page, word):
    return page.evaluate("word => sound.play(word)", word)


def spoken(page):
    return page.evaluate("spoken.map(({ text, voice }) => [text, voice])")


def test_without_a_voice_only_words_with_a_recording_have_a_button(show):
    page = show(button(*STUDENT), button(*APPLE), button(*GROW, ambiguous=True))
    assert page.evaluate("speechSynthesis.getVoices().filter(({ lang }) => /^(zh|cmn)/.test(lang)).length") == 0
    assert shown(page) == ["Listen to 学生", "Listen to 长"]
    assert page.get_by_role("button", name="Listen to 学生").get_attribute("title") is None


def test_without_a_voice_and_a_recording_there_is_no_button_and_nothing_plays(show):
    call_command("load_audio", "--remove", verbosity=0)
    page = show(button(*STUDENT), button(*GROW, ambiguous=True))
    assert shown(page) == []
    word = {"text": "学生", "urls": []}
    assert page.evaluate("word => [sound.source(word), sound.canPlay(word)]", word) == [None, False]
    assert play(page, word) is False


def test_a_press_plays_the_recording_to_its_end(show):
    page = show(button(*STUDENT))
    listen = page.get_by_role("button", name="Listen to 学生")
    with page.expect_response("**/audio/*") as answered:
        listen.press("Enter")
    assert answered.value.status in {200, 206}
    page.locator("button.play[aria-pressed=true]").wait_for()
    page.locator("button.play[aria-pressed=false]").wait_for()
    assert listen.inner_text().strip() == "Listen to 学生"
    assert play(page, {"text": "学生", "urls": audio.sounds_of(*STUDENT), "rate": 2}) is True
    assert page.evaluate("unhandled") == []


def test_recordings_play_one_after_the_other(show):
    page = show(button(*STUDENT))
    page.locator("main").click()
    urls = [*audio.sounds_of(*STUDENT), *audio.sounds_of(*GROW)]
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/audio/" in request.url else None)
    assert play(page, {"text": "", "urls": urls}) is True
    assert [url[-len(urls[0]) :] for url in dict.fromkeys(asked)] == urls


def test_a_second_press_stops_and_so_does_another_button(show, tmp_path):
    pack = make_pack(tmp_path / "long", words={"学生.mp3": mp3(2000), "苹果.mp3": mp3(2000, tag=b"2")})
    call_command("load_audio", pack, verbosity=0)
    page = show(button(*STUDENT), button(*APPLE))
    student, apple = page.get_by_role("button", name="学生"), page.get_by_role("button", name="苹果")
    pressed = [page.locator(f"button[data-text='{word}'][aria-pressed=true]") for word in ("学生", "苹果")]
    student.click()
    pressed[0].wait_for()
    apple.click()
    pressed[1].wait_for()
    pressed[0].wait_for(state="detached")
    apple.click()
    pressed[1].wait_for(state="detached")
    assert page.locator(".play-failed:visible").count() == 0
    assert page.evaluate("unhandled") == []


def test_a_recording_that_does_not_come_is_told_on_its_button(show):
    page = show(button(*STUDENT))
    page.route("**/audio/*", lambda route: route.fulfill(body="no sound", content_type="audio/mpeg"))
    page.get_by_role("button", name="Listen to 学生").click()
    page.get_by_role("button", name="Listen to 学生 can't be played now").wait_for()
    page.unroute("**/audio/*")
    page.get_by_role("button", name="Listen to 学生").click()
    page.get_by_role("button", name="Listen to 学生", exact=True).wait_for()
    assert page.evaluate("unhandled") == []


def test_what_the_browser_refuses_to_play_by_itself_is_no_error(open_page):
    page = open_page()
    [url] = audio.sounds_of(*STUDENT)
    # By itself, on a page that nobody has touched; what a test evaluates counts as a touch.
    page.add_init_script(
        f"""addEventListener("DOMContentLoaded", async () => {{
          const sound = await import("/static/js/sound.js");
          const touched = navigator.userActivation.hasBeenActive;
          const heard = sound.play({{ text: "", urls: ["{url}"] }});
          const why = new Audio("{url}").play().catch(({{ name }}) => name);
          console.log("told", touched, await heard, await why);
        }})"""
    )
    # Only told: even to wait for what is on the page would touch it.
    with page.expect_console_message(lambda message: message.text.startswith("told")) as told:
        page.goto("/credits/", wait_until="commit")
    assert told.value.text == "told false false NotAllowedError"


def test_a_voice_of_the_browser_goes_first_and_is_called_a_computer_s(show):
    page = show(button(*STUDENT), button(*APPLE), voices=CHINESE)
    assert shown(page) == ["Listen to 学生", "Listen to 苹果"]
    page.on("request", lambda request: pytest.fail(request.url))
    listen = page.get_by_role("button", name="Listen to 学生", description="Computer voice")
    listen.press("Space")
    page.locator("button.play[aria-pressed=true]").wait_for()
    page.locator("button.play[aria-pressed=false] >> nth=0").wait_for()
    assert page.evaluate("spoken") == [{"text": "学生", "lang": "zh-CN", "rate": 1, "voice": "Tingting"}]
    assert play(page, {"text": "苹果", "rate": 0.7}) is True
    assert page.evaluate("spoken.at(-1)") == {"text": "苹果", "lang": "zh-CN", "rate": 0.7, "voice": "Tingting"}


def test_a_character_with_several_readings_is_heard_from_its_recording(show):
    page = show(button(*GROW, ambiguous=True), button("得", "dei3", ambiguous=True), voices=CHINESE)
    assert page.locator("button.play").nth(0).get_attribute("title") is None
    with page.expect_response("**/audio/*"):
        page.get_by_role("button", name="Listen to 长").click()
    assert spoken(page) == []
    page.locator("button.play[aria-pressed=true]").wait_for(state="detached")
    # Without a recording the voice is better than nothing.
    page.get_by_role("button", name="Listen to 得").click()
    page.locator("button.play[aria-pressed=true]").wait_for(state="detached")
    assert spoken(page) == [["得", "Tingting"]]


@pytest.mark.parametrize(
    ("lang", "voices", "chosen"),
    [
        ("zh-Hans", [("A", "zh-TW", True), ("B", "zh-CN", True)], "B"),
        ("zh-Hant", [("A", "zh-CN", True), ("B", "zh-TW", True)], "B"),
        ("zh-Hans", [("A", "zh-TW", True), ("B", "cmn-Hans-CN", False)], "B"),
        ("zh-Hant", [("A", "zh_CN_#Hans", True), ("B", "zh_TW_#Hant", False)], "B"),
        ("zh-Hans", [("A", "zh-CN", False), ("B", "zh-CN", True)], "B"),
        ("zh-Hans", [("Eddy (Chinese)", "zh-CN", True), ("B", "zh-CN", False)], "B"),
        ("zh-Hans", [("A", "zh-CN", True), ("B", "zh-CN", True)], "A"),
        ("zh-Hant", [("A", "zh-CN", True)], "A"),
        ("zh-Hans", [("A", "zh-HK", True), ("B", "yue-HK", True), ("C", "zh-CN-shaanxi", True)], None),
        ("zh-Hans", [("A", "cmn-latn-pinyin", True), ("B", "zho", True), ("C", "en-US", True)], None),
    ],
)
def test_of_several_voices_the_one_that_fits_the_text_speaks(show, lang, voices, chosen):
    listed = [{"name": name, "lang": tag, "localService": local} for name, tag, local in voices]
    page = show(button(*APPLE), voices=str(listed).replace("True", "true").replace("False", "false"))
    assert play(page, {"text": "苹果", "lang": lang}) is (chosen is not None)
    assert spoken(page) == ([["苹果", chosen]] if chosen else [])


def test_buttons_come_and_go_with_the_voices(show):
    page = show(button(*STUDENT), button(*APPLE), voices=f"[{ENGLISH}]")
    page.evaluate("window.called = 0; sound.onReady(() => { called += 1; })")
    assert (shown(page), page.evaluate("called")) == (["Listen to 学生"], 1)
    page.evaluate(f"speechSynthesis.setVoices([{TINGTING}])")
    assert (shown(page), page.evaluate("called")) == (["Listen to 学生", "Listen to 苹果"], 2)
    page.evaluate("speechSynthesis.setVoices([])")
    assert (shown(page), page.evaluate("called")) == (["Listen to 学生"], 3)


def test_offline_a_voice_of_the_network_is_none(show):
    page = show(button(*APPLE), voices='[{ name: "Online", lang: "zh-CN", localService: false }]')
    assert shown(page) == ["Listen to 苹果"]
    page.context.set_offline(True)
    page.locator("button.play").wait_for(state="hidden")
    page.context.set_offline(False)
    page.locator("button.play").wait_for(state="visible")


@pytest.mark.parametrize("error", ["not-allowed", "network", "synthesis-failed", "voice-unavailable"])
def test_a_voice_that_fails_leaves_it_to_the_recording(show, error):
    page = show(button(*STUDENT), voices=CHINESE)
    page.locator("main").click()
    page.evaluate("error => { how.fails = error; }", error)
    assert play(page, {"text": "学生", "urls": audio.sounds_of(*STUDENT)}) is True
    assert play(page, {"text": "学生"}) is False
    assert page.evaluate("unhandled") == []


def test_a_voice_that_never_begins_is_given_up(show):
    page = show(button(*STUDENT), voices=CHINESE)
    page.clock.install()
    page.evaluate("how.silent = true; void sound.play({ text: '学生' }).then((said) => { window.heard = said; })")
    page.clock.run_for(3000)
    assert page.evaluate("window.heard ?? null") is None
    page.clock.run_for(3000)
    page.wait_for_function("() => window.heard === false")


def test_words_in_quick_succession_stop_one_another_and_the_last_is_heard(show):
    page = show(button(*STUDENT), voices=CHINESE)
    assert page.evaluate(
        "Promise.all(['一', '二', '三'].map((text) => sound.play({ text })))",
    ) == [False, False, True]
    assert spoken(page) == [["一", "Tingting"], ["三", "Tingting"]]


def test_stop_ends_a_word(show):
    page = show(button(*STUDENT), voices=CHINESE)
    page.evaluate("how.takes = 60000; window.heard = sound.play({ text: '学生' }); sound.stop()")
    assert page.evaluate("heard") is False


def test_without_javascript_there_is_no_button(open_page):
    html = render_to_string("decks/_play.html", button(*STUDENT))
    page = open_page(java_script_enabled=False)
    page.set_content(html)
    assert page.locator("button.play").is_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_buttons_are_photographed(show, width, scheme, tmp_path):
    pack = make_pack(tmp_path / "long", words={"学生.mp3": mp3(2000), "苹果.mp3": mp3(2000, tag=b"2")})
    call_command("load_audio", pack, verbosity=0)
    size = PHONE if width == 390 else DESK
    page = show(
        button(*STUDENT), button(*APPLE), button("老师", ""), viewport=size, color_scheme=scheme, voices=CHINESE
    )
    page.evaluate("how.fails = 'network'")
    page.get_by_role("button", name="老师").click()
    page.locator(".play-failed:visible").wait_for()
    page.evaluate("how.fails = null; how.takes = 60000")
    page.get_by_role("button", name="苹果").click()
    page.locator("button.play[aria-pressed=true]").wait_for()
    for each in page.locator("button.play").all():
        box = each.bounding_box()
        assert box["width"] >= 44
        assert box["height"] >= 44
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"sound-{width}-{scheme}.png")
