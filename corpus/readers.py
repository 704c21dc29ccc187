"""A gazette as an office keeps it (.txt .md .docx .html .pdf) to plain text, one printed paragraph a line, tables as tab lines."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from .errors import GazetteError
from .normalise import RADICALS

MEBIBYTE = 1 << 20
HAN = re.compile(r"[\u4e00-\u9fff]")
# Control characters that no text file has; a tab, line ends and the page break are text.
BINARY = re.compile(r"[\x00-\x08\x0e-\x1f]")
MAGIC = {
    b"PK\x03\x04": "a zip archive (is it a .docx?)", b"%PDF": "a PDF", b"\xd0\xcf\x11\xe0": "an old .doc or .wps; save it as .docx",
    b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"\x1f\x8b": "a gzip archive", b"Rar!": "a RAR archive",
}  # fmt: skip
# GB18030 gives a meaning to almost any bytes. Chinese prose is made of the commonest characters: a text that was
# decoded wrongly has almost none of these.
COMMON = frozenset("的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严")
# Share of the Chinese characters that are common ones: 0.73 to 0.77 in the five gazettes, below 0.09 where they are decoded wrongly.
LEAST_COMMON = 0.3
FEW = 30  # Chinese characters; the share says nothing about fewer
SCAN_CHARACTERS_PER_PAGE = 20  # fewer than this on the average page: pictures of pages, with a stamp or a page number


def _grown(size: int, limit: int, path: Path) -> None:
    if size > limit:
        raise GazetteError(
            f"{path}: too large ({size / MEBIBYTE:.0f} MiB, the limit is {limit / MEBIBYTE:.0f} MiB); split it by issue or raise GAZETTE_MAX_FILE_MB"
        )


def _sensible(text: str) -> bool:
    han = HAN.findall(text[:200_000])
    return bool(han) and (len(han) < FEW or sum(sign in COMMON for sign in han) / len(han) >= LEAST_COMMON)


def decoded(data: bytes, path: Path) -> str:
    """The text of UTF-8 (with or without a mark), UTF-16 with a mark, or GB18030 bytes.

    Raises GazetteError for binaries and for text in none of them: a guess would put wrong characters into citations.
    """
    for magic, what in MAGIC.items():
        if data.startswith(magic):
            raise GazetteError(f"{path}: not text but {what}; give it its right extension or convert it to .txt")
    text = ""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise GazetteError(f"{path}: neither UTF-8 nor GB18030 text; find out its encoding and convert it to UTF-8 (iconv -f … -t UTF-8)")
    if BINARY.search(text) or any(unicodedata.category(sign) in ("Co", "Cn") for sign in set(text)):
        raise GazetteError(f"{path}: a binary file or text in another encoding; convert it to UTF-8 text")
    if "\ufffd" in text or not _sensible(text):
        raise GazetteError(f"{path}: its characters make no Chinese text (wrongly converted before?); export it again as UTF-8")
    return text


def _text(path: Path, limit: int) -> str:
    return decoded(path.read_bytes(), path)


def _cells(cells: list[str]) -> str:
    return "\t".join(" ".join(cell.split()) for cell in cells)


def _docx(path: Path, limit: int) -> str:
    from docx import Document
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    from .docx_numbering import Numbering

    try:
        with zipfile.ZipFile(path) as archive:
            _grown(sum(item.file_size for item in archive.infolist()), limit * 4, path)
        document = Document(str(path))
    except GazetteError:
        raise
    except Exception as error:  # python-docx raises whatever its XML and zip layers raise
        raise GazetteError(f"{path}: not a .docx file that can be read ({type(error).__name__}); open it in an office program and save it again") from None
    lines, number_of = [], Numbering(document)
    for block in document.iter_inner_content():
        if isinstance(block, Paragraph):
            lines += [number_of(block) + block.text, ""]
        elif isinstance(block, Table):
            lines += [*_docx_rows(block), ""]
    return "\n".join(lines)


def _docx_rows(table) -> Iterator[str]:  # noqa: ANN001 - python-docx is imported late
    """Each row's cells; a cell merged over columns or rows is written once, then left blank, as gazettes print it."""
    # The elements themselves, not their ids: lxml makes a new Python object once the old one is gone.
    above: set[object] = set()
    for row in table.rows:
        here: set[object] = set()
        cells = []
        for cell in row.cells:
            mark = cell._tc
            cells.append("" if mark in here or mark in above else cell.text)
            here.add(mark)
        above = here
        yield _cells(cells)


BLOCKS = ("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "section", "article", "blockquote", "pre", "center", "dt", "dd", "caption")
# "<55" begins no tag; written as an entity it survives every HTML parser.
NO_TAG = re.compile(r"<(?![a-zA-Z/!?])")


def _html(path: Path, limit: int) -> str:
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(NO_TAG.sub("&lt;", decoded(path.read_bytes(), path)), "lxml")
    for dropped in soup(["script", "style", "noscript", "template", "head", "nav", "iframe"]):
        dropped.decompose()
    for line_break in soup("br"):
        line_break.replace_with("\n")
    for table in soup("table"):
        if table.find("table") is None and table.parent is not None:
            rows = [_cells(list(_html_cells(row))) for row in table("tr")]
            table.replace_with("\n\n" + "\n".join(rows) + "\n\n")
    for block in soup(BLOCKS):
        block.insert_before("\n\n")
        block.append("\n\n")
    body = soup.body or soup
    lines = (line if "\t" in line else " ".join(line.split()) for line in body.get_text().replace("\xa0", " ").split("\n"))
    return "\n".join(lines)


def _html_cells(row) -> Iterator[str]:  # noqa: ANN001 - bs4 is imported late
    for cell in row(["td", "th"]):
        yield cell.get_text(" ")
        span = cell.get("colspan", "1")
        yield from [""] * (min(int(span), 50) - 1 if str(span).isdecimal() else 0)


def _pdf(path: Path, limit: int) -> str:
    from pypdf import PdfReader

    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise GazetteError(f"{path}: the PDF is protected by a password; save it without one")
        pages, total = [], 0
        for page in reader.pages:
            pages.append(page.extract_text() or "")
            total += len(pages[-1])
            _grown(total, limit, path)
    except GazetteError:
        raise
    except Exception as error:  # pypdf raises many kinds on damaged files
        raise GazetteError(f"{path}: the PDF cannot be read ({type(error).__name__}); print it anew to PDF") from None
    if not pages or sum(len("".join(page.split())) for page in pages) < SCAN_CHARACTERS_PER_PAGE * len(pages):
        raise GazetteError(f"{path}: the PDF has no text layer (a scan?); run it through a text recognition program (OCR) first")
    text = unicodedata.normalize("NFC", "\n\n".join(_unwrapped(page) for page in pages))
    # Fonts without a full map give radicals (⼀) for characters (一).
    text = re.sub(r"[\u2e80-\u2fdf\uf900-\ufaff]", lambda match: RADICALS.get(match[0]) or unicodedata.normalize("NFKC", match[0]), text)
    if not _sensible(text) or BINARY.search(text):
        raise GazetteError(f"{path}: the PDF's text layer makes no Chinese text (its fonts lack a character map); run OCR over it or use the .docx")
    return text


PAGE_NUMBER = re.compile(r"^\s*[-—–－·]{0,3}\s*\d{1,4}\s*[-—–－·]{0,3}\s*$")
SENTENCE_END = re.compile(r"[。；：！？;:!?]\s*$")
BEGINS = re.compile(
    r"^\s*(?:第\s*[一二三四五六七八九十百零\d]{1,5}\s*[条章节编部]|[一二三四五六七八九十]{1,3}\s*[、.．]|[（(]\s*[一二三四五六七八九十\d]{1,3}\s*[）)]"
    r"|\d{1,2}\s*[、.．](?!\d)|附\s?件|[#*-]\s|抄送|（此件)"
)
FULL_LINE = 0.85  # a line at least this long, measured by the longest of its page, ran on at the margin


def _width(line: str) -> int:
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in line)


def _unwrapped(page: str) -> str:
    """A page's printed lines with each paragraph on one line: a line filled to the margin goes on in the next."""
    lines = [line.rstrip() for line in page.replace("\r", "").split("\n") if not PAGE_NUMBER.match(line)]
    widest = max((_width(line) for line in lines), default=0)
    paragraphs: list[str] = []
    runs_on = False
    for line in lines:
        if runs_on and line.strip() and not BEGINS.match(line) and not line.startswith(("  ", "\u3000")):
            paragraphs[-1] += line.strip()
        elif line.strip():
            paragraphs.append(line.strip())
        runs_on = bool(line.strip()) and widest >= 40 and _width(line) >= FULL_LINE * widest and not SENTENCE_END.search(line)
    return "\n\n".join(paragraphs)


READERS: dict[str, Callable[[Path, int], str]] = {
    ".txt": _text, ".md": _text, ".docx": _docx, ".html": _html, ".htm": _html, ".pdf": _pdf,
}  # fmt: skip


def read_text(path: Path, *, max_bytes: int) -> str:
    """The plain text of a gazette file, line ends ``\\n``, ending with one.

    ``max_bytes`` bounds the file, and what an archive or a PDF unfolds to. Raises GazetteError that names the file and
    the way out: not there, unknown extension, empty, too large, binary, wrong encoding, no text layer.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise GazetteError(f"{path}: unknown kind of file '{path.suffix}'; convert it to one of {' '.join(READERS)}")
    try:
        size = path.stat().st_size
        if size == 0:
            raise GazetteError(f"{path}: empty file; export the gazette again")
        _grown(size, max_bytes, path)
        text = reader(path, max_bytes)
    except OSError as error:
        raise GazetteError(f"{path}: cannot be read ({error.strerror or error}); check the name and the permissions") from None
    text = re.sub(r"\r\n?|[\f\x0b\x85\u2028\u2029]", "\n", text).replace("\ufeff", "")
    if not text.strip():
        raise GazetteError(f"{path}: no text in it; export the gazette again")
    return re.sub(r"\n{4,}", "\n\n\n", text).strip("\n") + "\n"
