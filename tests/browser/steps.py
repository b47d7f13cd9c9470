"""What every browser test does first: sign up, and look for what axe finds."""

import os
import secrets
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
PICTURES = os.environ.get("QUIZAPP_PICTURES")
PASSWORD = "a long password"
PASTE = """(editor, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  const options = {clipboardData, bubbles: true, cancelable: true};
  editor.dispatchEvent(new ClipboardEvent("paste", options));
}"""
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def sign_up(page):
    page.goto("/signup")
    page.get_by_label("Username").fill(f"student-{secrets.token_hex(4)}")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    return page


def practise(page, slug):
    page.goto("/practice")
    page.locator(f"form[action='/practice/{slug}'] button").click()


def join(page, operate, role, course=None):
    """Give the page's person a role in a course, a new one unless it is named; return its name."""
    if course is None:
        course = f"course-{secrets.token_hex(4)}"
        operate("course", "add", course, "Language models")
    operate("course", "enrol", course, page.locator("body").get_attribute("data-user"), role)
    return course


def write(page, label, text):
    """Paste over what stands in the editor of this name."""
    # Not by its role: until the script has run, that is the plain field, which then hides.
    editor = page.locator(f'.cm-content[aria-label^="{label}"]')
    editor.click()
    page.keyboard.press("Control+a")
    editor.evaluate(PASTE, text)


def take(page, name, width=1000, height=900):
    """Take a picture for docs/instructors.md, where a folder for them is named."""
    if PICTURES:
        page.set_viewport_size({"width": width, "height": 800})
        page.locator("h1").click()  # takes the focus from where it was
        top = {"x": 0, "y": 0, "width": width, "height": height}
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True, clip=top)


def inspect(page):
    """Fail where axe finds something, or the page is wider than its window."""
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, page.url
