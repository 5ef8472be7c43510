"""Draw the press site's picture and clip anew: ``python -m verify.demo.make_media``. Needs Chromium.

Both are committed, so nobody has to run this; it is here to show that neither contains footage of anything.
"""

import base64
from pathlib import Path

from playwright.sync_api import sync_playwright

ASSETS = Path(__file__).parent / "pages" / "_assets"

MAP = """<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"
 font-family="sans-serif" font-size="18">
<rect width="640" height="360" fill="#f5f2ea"/>
<path d="M0 0H210L232 90 205 170 236 260 220 360H0Z" fill="#cfe0e8"/>
<g stroke="#a8a29e" fill="none"><path d="M218 150L400 130 M228 245L420 225 M400 0V225 M420 225L470 360"/></g>
<g fill="#44403c"><text x="60" y="190">Mediterranean</text><text x="265" y="85">Latakia</text>
<text x="270" y="205">Tartous</text><text x="480" y="140">Hama</text><text x="340" y="310">Homs</text>
<text x="20" y="345" font-size="13">Schematic drawing, not to scale</text></g></svg>"""

RECORD = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 320, height: 180});
  const draw = canvas.getContext("2d");
  const options = {mimeType: "video/webm;codecs=vp8", videoBitsPerSecond: 60000};
  const recorder = new MediaRecorder(canvas.captureStream(10), options);
  const parts = [];
  recorder.ondataavailable = event => parts.push(event.data);
  const stopped = new Promise(resolve => recorder.onstop = resolve);
  recorder.start();
  for (let frame = 0; frame < 20; frame++) {
    draw.fillStyle = "#334155"; draw.fillRect(0, 0, 320, 180);
    draw.fillStyle = "#94a3b8"; draw.fillRect(0, 110, 320, 4);
    draw.fillStyle = "#e2e8f0"; draw.fillRect(frame * 14, 96, 28, 14);
    draw.font = "16px sans-serif"; draw.fillText("Demonstration clip: a drawing", 50, 60);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  recorder.stop();
  await stopped;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(String.fromCharCode(...bytes));
}"""


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 640, "height": 360})
        page.set_content(f'<body style="margin:0">{MAP}</body>')
        page.screenshot(path=ASSETS / "coast.png")
        (ASSETS / "clip.webm").write_bytes(base64.b64decode(page.evaluate(RECORD)))
        browser.close()


if __name__ == "__main__":
    main()
