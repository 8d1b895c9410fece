//! Reads our own PDF back for tests: its cross-reference table, its streams, strings and bars.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

/// A PDF taken apart by its own cross-reference table.
pub(crate) struct File<'a> {
    objects: Vec<&'a [u8]>,
}

pub(crate) fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn number(bytes: &[u8]) -> usize {
    let digits: Vec<u8> = bytes
        .iter()
        .copied()
        .skip_while(u8::is_ascii_whitespace)
        .take_while(u8::is_ascii_digit)
        .collect();
    String::from_utf8(digits).unwrap().parse().unwrap()
}

impl<'a> File<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Self {
        assert!(bytes.starts_with(b"%PDF-1."));
        assert!(bytes.ends_with(b"%%EOF"));
        let start = bytes.len() - 9 - 20;
        let tail = &bytes[start..];
        let table = number(&tail[find(tail, b"startxref").unwrap() + 9..]);
        let text = &bytes[table..];
        assert!(text.starts_with(b"xref\n0 "));
        let count = number(&text[7..]);
        let first = find(&text[5..], b"\n").unwrap() + 6;
        let objects = (1..count).map(|id| {
            let entry = &text[first + id * 20..][..20];
            assert_eq!(&entry[17..18], b"n", "object {id} is in use");
            let body = &bytes[number(entry)..];
            let head = format!("{id} 0 obj");
            assert!(body.starts_with(head.as_bytes()), "object {id} is where the table says");
            let end = find(body, b"endobj").unwrap();
            &body[head.len()..end]
        });
        Self { objects: objects.collect() }
    }

    pub(crate) fn containing(&self, what: &[u8]) -> Vec<&'a [u8]> {
        self.objects.iter().copied().filter(|object| find(object, what).is_some()).collect()
    }

    pub(crate) fn streams(&self) -> Vec<&'a [u8]> {
        let streams = self.containing(b"\nstream\n").into_iter().map(|object| {
            let length = number(&object[find(object, b"/Length").unwrap() + 7..]);
            let from = find(object, b"\nstream\n").unwrap() + 8;
            assert!(object[from + length..].starts_with(b"\nendstream"));
            &object[from..from + length]
        });
        streams.collect()
    }
}

/// Operand strings of `Tj`, unescaped.
pub(crate) fn shown(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut strings = Vec::new();
    let mut rest = stream;
    while let Some(end) = find(rest, b" Tj\n") {
        let line = rest[..end].iter().rposition(|b| *b == b'\n').unwrap() + 1;
        strings.push(unescape(&rest[line..end]));
        rest = &rest[end + 4..];
    }
    strings
}

fn unescape(literal: &[u8]) -> Vec<u8> {
    if let Some(hex) = literal.strip_prefix(b"<") {
        let pairs = hex.strip_suffix(b">").unwrap().chunks(2);
        let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        return pairs.map(byte).collect();
    }
    let inner = literal.strip_prefix(b"(").unwrap().strip_suffix(b")").unwrap();
    let mut bytes = Vec::new();
    let mut rest = inner.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'\\' => bytes.push(*rest.next().unwrap()),
            _ => bytes.push(*byte),
        }
    }
    bytes
}

/// Bars, which alone are `height` dots high: widths of bar, space, bar ... in dots.
pub(crate) fn bars(stream: &[u8], height: &str) -> Vec<u8> {
    let mut edges = Vec::new();
    for line in stream.split(|b| *b == b'\n') {
        let line = String::from_utf8_lossy(line).into_owned();
        let fields: Vec<&str> = line.split(' ').collect();
        if let [x, _, width, high, "re"] = fields[..]
            && high == height
        {
            let (x, width): (u32, u32) = (x.parse().unwrap(), width.parse().unwrap());
            edges.extend([x, x + width]);
        }
    }
    edges.windows(2).map(|pair| u8::try_from(pair[1] - pair[0]).unwrap()).collect()
}
