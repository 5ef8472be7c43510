"""Small documents, written for the tests."""

from __future__ import annotations

import io

import pypdf

SENTENCE = (
    "The observatory said on Sunday that at least 745 civilians had been killed in villages over two days. "
)
ARABIC = (
    "قال المرصد السوري لحقوق الإنسان إن عدد القتلى المدنيين بلغ ٧٤٥ شخصًا على الأقل في قرى الساحل خلال يومين. "
)


def article(*paragraphs: str, head: str = "", attributes: str = "", body: str = "") -> str:
    """A page as news sites build them: an article with things around it that are none of its text."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html {attributes}><head><title>A headline | The Paper</title>{head}</head><body>"
        "<nav><ul><li><a href=/>Home page</a></li><li><a href=/sport>Sport section</a></li></ul></nav>"
        f"<article><h1>A headline</h1>{body}{text}</article>"
        "<aside class=related><a href=/other>Another story altogether</a></aside>"
        "<footer><p>All rights reserved by the paper</p></footer>"
        "<script>var hidden = 'script text';</script></body></html>"
    )


def pdf(*pages: str, password: str = "") -> bytes:
    """A PDF with one line of ASCII text a page."""
    writer = pypdf.PdfWriter()
    for text in pages:
        page = writer.add_blank_page(width=595, height=842)
        font = pypdf.generic.DictionaryObject(
            {
                pypdf.generic.NameObject("/Type"): pypdf.generic.NameObject("/Font"),
                pypdf.generic.NameObject("/Subtype"): pypdf.generic.NameObject("/Type1"),
                pypdf.generic.NameObject("/BaseFont"): pypdf.generic.NameObject("/Helvetica"),
            }
        )
        fonts = pypdf.generic.DictionaryObject({pypdf.generic.NameObject("/F"): font})
        page[pypdf.generic.NameObject("/Resources")] = pypdf.generic.DictionaryObject(
            {pypdf.generic.NameObject("/Font"): fonts}
        )
        stream = pypdf.generic.DecodedStreamObject()
        stream.set_data(f"BT /F 12 Tf 50 700 Td ({text}) Tj ET".encode() if text else b"")
        page[pypdf.generic.NameObject("/Contents")] = writer._add_object(stream)
    writer.add_metadata({"/Title": "A report", "/Author": "An office"})
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
