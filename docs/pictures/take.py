"""Take the pictures of these pages from a running demo: `make run`, then `.venv/bin/python docs/pictures/take.py`."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Page, sync_playwright

from verify.stack.paths import var_dir

BASE = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/"
HERE = Path(__file__).parent
SIZE = {"width": 1280, "height": 860}


def sign_in(page: Page, name: str) -> None:
    """Sign in as one of the demo's people."""
    password = json.loads((var_dir() / "demo-logins.json").read_text())["password"]
    page.goto(urljoin(BASE, "sign-in/"))
    page.fill("[name=username]", name)
    page.fill("[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/inbox/")


def take(page: Page, name: str) -> None:
    """One picture of what is to be seen without scrolling."""
    page.screenshot(path=HERE / f"{name}.png")
    print(f"{name}.png: {page.url}")


def main() -> None:
    """A task, the board, a case and its figures, a claim, a place in a file, a source, a document, the public page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        page = browser.new_page(viewport=SIZE)
        sign_in(page, "reviewer")
        page.goto(urljoin(BASE, "desk/inbox/"))
        page.get_by_role("link", name="The totals of SOHR and SNHR").first.click()
        take(page, "review")
        page.context.clear_cookies()
        sign_in(page, "checker")
        page.goto(urljoin(BASE, "desk/claims/"))
        take(page, "board")
        page.goto(urljoin(BASE, "desk/cases/"))
        page.get_by_role("link", name="Killings on the Syrian coast").click()
        take(page, "case")
        case = page.url
        page.get_by_role("link", name="Figures", exact=True).first.click()
        page.wait_for_url("**view=ladder**")
        take(page, "figures")
        page.goto(case)
        page.get_by_role("link", name="Violations took place").first.click()
        take(page, "claim")
        page.goto(case)
        page.get_by_role("link", name="More than 100 civilians").first.click()
        page.get_by_role("link", name="111", exact=True).last.click()
        page.wait_for_url("**/regions/**")
        page.wait_for_load_state("networkidle")
        take(page, "region")
        page.goto(urljoin(BASE, "desk/sources/?q=Observatory"))
        page.get_by_role("link", name="Syrian Observatory for Human Rights").click()
        page.wait_for_url("**/sources/*-*/")
        take(page, "source")
        page.goto(urljoin(BASE, "desk/documents/?q=monitoring+group+says+hundreds"))
        page.get_by_role("link", name="monitoring group says hundreds").first.click()
        take(page, "document")
        page.context.clear_cookies()
        page.goto(BASE)
        page.get_by_role("link", name="745 civilians killed").click()
        take(page, "public")
        browser.close()


if __name__ == "__main__":
    main()
