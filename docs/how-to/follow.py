"""Keep a copy of what a fact-check desk publishes; check the proof of a claim and see its archived copies.

    python follow.py SITE FOLDER                          the published set as files, brought up to date
    python follow.py SITE FOLDER CLAIM LOG-KEY            and one claim; take the log's key from elsewhere
    python follow.py SITE FOLDER CLAIM LOG-KEY package    and its archived copies, where the desk offers them

The standard library and, for the log's signature, openssl 3; docs/how-to/follow-the-feed.md explains it.
"""

import base64, hashlib, io, json, subprocess, sys, zipfile  # noqa: E401, I001
from pathlib import Path
from urllib.request import urlopen

site, folder, claim, key, package = [*sys.argv[1:], "", "", ""][:5]
api, state = f"{site}/api/v1", Path(folder, "next.txt")  # written last: what broke off before is done again
url = state.read_text() if state.exists() else f"{api}/changes/?expand=snapshot"
while url:
    page = json.load(urlopen(url))
    for item in page["results"]:
        if item["snapshot"]:  # null where a later change of the same claim is still to come
            text = json.dumps(item["snapshot"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
            assert hashlib.sha256(text.encode()).hexdigest() == item["sha256"], "this was not published"
            Path(folder, f"{item['claim']}.json").write_bytes(text.encode())
        elif item["action"] == "remove":
            Path(folder, f"{item['claim']}.json").unlink(missing_ok=True)
    state.write_text(page["next"])
    url = page["more"] and page["next"]
if claim:
    data = Path(folder, f"{claim}.json").read_bytes()
    one = f"{api}/claims/{claim}/versions/{json.loads(data)['number']}"
    entry, proof = (urlopen(f"{one}/{part}/").read() for part in ("entry", "proof"))
    assert json.loads(entry)["facts"]["sha256"] == hashlib.sha256(data).hexdigest(), "another's entry"
    front, head, lines = proof.decode().split("\n\n")
    (_, _, index, *path), (origin, size, root) = front.split(), head.split("\n")[:3]
    node, inner = hashlib.sha256(b"\0" + entry).digest(), (int(index) ^ int(size) - 1).bit_length()
    for level, sibling in enumerate(map(base64.b64decode, path)):  # by RFC 6962, section 2.1.1
        pair = (sibling, node) if level >= inner or int(index) >> level & 1 else (node, sibling)
        node = hashlib.sha256(b"\1" + b"".join(pair)).digest()
    name, key_id, public = key.split("+", 2)
    assert (node, name) == (base64.b64decode(root), origin), "the proof leads to no root of this log"
    signature = b"".join(s[4:] for s in map(base64.b64decode, lines.split()[2::3]) if s[:4].hex() == key_id)
    der = bytes.fromhex("302a300506032b6570032100") + base64.b64decode(public)[1:]  # Ed25519, by RFC 8410
    for file, content in (("key", der), ("head", f"{head}\n".encode()), ("signature", signature)):
        Path(folder, file).write_bytes(content)
    openssl = "openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey key -in head -sigfile signature"
    subprocess.run(openssl.split(), cwd=folder, check=True)
    seen = "url", "finished_at", "datapackage_sha256"
    json.loads(data, object_hook=lambda o: (seen[2] in o and print(*map(o.get, seen))) or o)
if package:
    zipfile.ZipFile(io.BytesIO(urlopen(f"{api}/claims/{claim}/package/").read())).extractall(folder)
