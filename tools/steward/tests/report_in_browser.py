#!/usr/bin/env python3
"""Opens reports of `steward replay --html` in headless Chromium, in light and in dark, and holds what is rendered
against what was replayed: counts, contrast, keyboard, no request, nothing on the console. Screenshots go to
target/report/. Where no Chromium can be had the check says so, and fails only where CI=true."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import devtools

ROOT = pathlib.Path(__file__).resolve().parents[3]
STEWARD = ROOT / "target/debug/steward"
OUT = ROOT / "target/report"
# A slash would end a name inside an ARN.
MARKUP = "<script>document.title='owned'"
EVIL = MARKUP + "<script><img src=x onerror=\"document.title='owned'\">"
ABNORMAL = ROOT / "events-fixtures/ecs-task-state-change/essential-container-exited--service-exit-1.json"

# The contrast of WCAG 2.2 between text and what is behind it, and between shapes and theirs.
CONTRAST = """
(() => {
  const parse = (color) => (color.match(/[\\d.]+/g) || []).map(Number);
  const light = (color) => {
    const [r, g, b] = color.map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] > 0) { return color; }
    }
    return [255, 255, 255];
  };
  const ratio = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || seen.has(element) || element.closest("script,title,desc")) { continue; }
    seen.add(element);
    const style = getComputedStyle(element);
    const color = parse(element instanceof SVGElement ? style.fill : style.color).slice(0, 3);
    const got = ratio(color, behind(element));
    if (got < 4.5) { found.push(element.tagName + "." + element.getAttribute("class") + " " + got.toFixed(2)); }
  }
  for (const shape of document.querySelectorAll("rect")) {
    const got = ratio(parse(getComputedStyle(shape).fill).slice(0, 3), behind(shape));
    if (got < 3) { found.push("rect." + shape.getAttribute("class") + " " + got.toFixed(2)); }
  }
  return [...new Set(found)];
})()
"""


def check(what, got, want):
    if got != want:
        raise SystemExit(f"report_in_browser: {what}: {got!r}, not {want!r}")


def evil_event():
    """An event whose names are markup."""
    text = ABNORMAL.read_text()
    return json.dumps(json.loads(text.replace("checkout-api", json.dumps(EVIL)[1:-1])))


def replay(name, *paths):
    """Replays, and answers the report's URL and what the text says."""
    page = OUT / f"{name}.html"
    command = [STEWARD, "replay", "--full", "0", "--html", page, *paths]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    said = re.search(r"^events: (\d+), abnormal stops: (\d+), messages sent: (\d+)", done.stdout, re.M)
    if not said:
        raise SystemExit(f"report_in_browser: no summary of {name}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return page.as_uri(), dict(zip(("events", "abnormal", "messages"), map(int, said.groups())))


def number(browser, selector):
    text = browser.evaluate(f"document.querySelector({selector!r}).textContent")
    return int(text.replace(",", ""))


def visible(browser):
    return browser.evaluate("[...document.querySelectorAll('.message')].filter((item) => item.checkVisibility()).length")


def listed(said):
    return min(said["messages"], 2000)


def holds_what_was_replayed(browser, said):
    for name in ("events", "abnormal", "messages"):
        check(f"the number of {name}", number(browser, f"#n-{name}"), said[name])
    check("messages listed", visible(browser), listed(said))
    check("messages with a text", browser.evaluate(
        "[...document.querySelectorAll('.message pre')].filter((text) => text.textContent.trim()).length"), listed(said))
    column = "[...document.querySelectorAll('#causes tbody tr')].map((row) => row.cells[1].textContent)"
    total = sum(int(cell.replace(",", "")) for cell in browser.evaluate(column))
    check("events in the table of causes", total, said["events"])


def is_accessible(browser):
    check("the language", browser.evaluate("document.documentElement.lang"), "en")
    check("landmarks", browser.evaluate("['header', 'main', 'footer', 'nav'].map((name) => document.querySelectorAll(name).length)"),
          [1, 1, 1, 1])
    check("one first heading", browser.evaluate("document.querySelectorAll('h1').length"), 1)
    check("tables without a caption or scopes", browser.evaluate(
        "[...document.querySelectorAll('table')].filter((table) => !table.caption || table.querySelector('th:not([scope])')).length"), 0)
    check("boxes without a label", browser.evaluate(
        "[...document.querySelectorAll('input')].filter((input) => !input.labels.length).length"), 0)
    check("ids that stand twice", browser.evaluate(
        "(() => { const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);"
        " return ids.filter((id, at) => ids.indexOf(id) !== at); })()"), [])
    check("too little contrast", browser.evaluate(CONTRAST), [])


def works_by_keyboard(browser, said):
    browser.press("Tab", 9)
    check("the first stop", browser.evaluate("document.activeElement.className"), "skip")
    check("the skip link is seen", browser.evaluate("document.activeElement.getBoundingClientRect().left >= 0"), True)
    browser.press("Enter", 13, "\r")
    check("the skip link", browser.evaluate("document.activeElement.id"), "told")
    box = "document.activeElement.id === 'show-medium'"
    for _ in range(3):
        browser.press("Tab", 9)
        if browser.evaluate(box):
            break
    check("a filter is reached", browser.evaluate(box), True)
    medium = browser.evaluate("document.querySelectorAll('.message.is-medium').length")
    browser.press(" ", 32, " ")
    check("messages without the medium ones", visible(browser), listed(said) - medium)
    check("how many are said to be shown", browser.evaluate("document.getElementById('shown').textContent"),
          f"{listed(said) - medium} of {listed(said)} shown")
    browser.press(" ", 32, " ")
    first = "document.activeElement === document.querySelector('.message summary')"
    for _ in range(20):
        browser.press("Tab", 9)
        if browser.evaluate(first):
            break
    check("the first message is reached", browser.evaluate(first), True)
    check("its focus is seen", browser.evaluate("getComputedStyle(document.activeElement).outlineStyle"), "solid")
    browser.press("Enter", 13, "\r")
    check("it opens", browser.evaluate("document.activeElement.parentElement.open"), True)


def was_quiet(browser, url):
    for event in browser.events:
        method, params = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            asked = params["request"]["url"]
            if asked != url and not asked.startswith("data:"):
                raise SystemExit(f"report_in_browser: the page asks for {asked}")
        if method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
            raise SystemExit(f"report_in_browser: the console says {params}")


def look_at(browser, name, url, said):
    for scheme in ("light", "dark"):
        browser.events.clear()
        browser.media(scheme)
        browser.size(1280, 900)
        browser.go(url)
        dark = browser.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 21, 26)"
        check("the scheme", "dark" if dark else "light", scheme)
        holds_what_was_replayed(browser, said)
        is_accessible(browser)
        works_by_keyboard(browser, said)
        browser.screenshot(OUT / f"{name}-{scheme}.png")
        check("no markup of a name has become an element", browser.evaluate(
            "document.querySelectorAll('img, script').length"), 1)
        check("the title", browser.evaluate("document.title").endswith("ecs-steward replay"), True)
        was_quiet(browser, url)
    browser.size(390, 800)
    check("narrow, nothing sticks out", browser.evaluate("document.documentElement.scrollWidth <= 390"), True)
    browser.screenshot(OUT / f"{name}-narrow.png")


def works_without_script(browser, url, said):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.events.clear()
    browser.go(url)
    check("messages without script", visible(browser), listed(said))
    place = browser.evaluate("(() => { const box = document.getElementById('show-medium'); box.scrollIntoView();"
                             " const at = box.getBoundingClientRect(); return [at.x + 8, at.y + 8]; })()")
    for kind in ("mousePressed", "mouseReleased"):
        browser.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)
    medium = browser.evaluate("document.querySelectorAll('.message.is-medium').length")
    check("the filter without script", visible(browser), listed(said) - medium)
    browser.call("Emulation.setScriptExecutionDisabled", value=False)


def chromium():
    """A Chromium; on Debian as root it is installed where it is missing."""
    found = devtools.find()
    if not found and os.geteuid() == 0 and pathlib.Path("/etc/debian_version").exists() and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": False}
        subprocess.run(["apt-get", "update"], **quiet)
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", "chromium"], **quiet)
        found = devtools.find()
    return found


def main():
    binary = chromium()
    if not binary:
        print("report_in_browser: not run: there is no Chromium on this machine")
        return 1 if os.environ.get("CI") == "true" else 0
    OUT.mkdir(parents=True, exist_ok=True)
    evil = OUT / "evil.jsonl"
    evil.write_text(evil_event() + "\n")
    made_up = OUT / "made-up.jsonl"
    with made_up.open("w") as out:
        subprocess.run([STEWARD, "generate", "--events", "6000"], stdout=out, check=True)
    reports = {
        "fixtures": replay("fixtures", "events-fixtures"),
        "made-up": replay("made-up", made_up),
        "evil": replay("evil", evil),
    }
    browser = devtools.Browser(binary)
    try:
        for name, (url, said) in reports.items():
            look_at(browser, name, url, said)
        check("markup in names is text", browser.evaluate(
            f"document.querySelector('.message pre').textContent.includes({json.dumps(MARKUP)})"), True)
        works_without_script(browser, *reports["fixtures"])
    finally:
        browser.close()
    told = ", ".join(f"{name}: {said['messages']} messages" for name, (_, said) in reports.items())
    print(f"report_in_browser: good in light, dark and narrow ({told})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
