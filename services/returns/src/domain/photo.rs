//! Photos: only JPEG and PNG, and without what they say about place and camera.

/// Largest photo in bytes: what the vault takes.
pub const BYTES_MAX: usize = 2 * 1024 * 1024;

/// A photo that may be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// `image/jpeg` or `image/png`.
    pub media_type: &'static str,
    /// Without its metadata.
    pub data: Vec<u8>,
}

/// Why bytes are not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// More than [`BYTES_MAX`].
    TooLarge,
    /// Not a whole JPEG or PNG.
    NotAnImage,
}

const JPEG: &[u8] = &[0xff, 0xd8, 0xff];
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Chunks of a PNG that draw it; all others tell something and are left out.
const DRAWN: &[&[u8]] = &[
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT",
    b"bKGD", b"pHYs",
];

/// Checks what it is by its bytes, whatever its name says, and cuts metadata out.
///
/// # Errors
/// [`NotTaken`].
pub fn take(bytes: &[u8]) -> Result<Photo, NotTaken> {
    if bytes.len() > BYTES_MAX {
        return Err(NotTaken::TooLarge);
    }
    let (media_type, data) = if bytes.starts_with(JPEG) {
        ("image/jpeg", jpeg(bytes))
    } else if bytes.starts_with(PNG) {
        ("image/png", png(bytes))
    } else {
        return Err(NotTaken::NotAnImage);
    };
    Ok(Photo { media_type, data: data.ok_or(NotTaken::NotAnImage)? })
}

/// Segments up to the scan, without applications' own (APP1 to APP15) and comments; the rest as it
/// is.
fn jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = bytes.get(..2)?.to_vec();
    let mut rest = bytes.get(2..)?;
    let mut frame = false;
    loop {
        let [0xff, marker, tail @ ..] = rest else { return None };
        if *marker == 0xff {
            rest = rest.get(1..)?;
            continue;
        }
        let len = usize::from(u16::from_be_bytes(tail.first_chunk::<2>().copied()?));
        let segment = rest.get(..len.checked_add(2)?).filter(|_| len >= 2)?;
        match marker {
            0xda => {
                // The scan, and whatever stands up to the end of the image.
                let end = rest.windows(2).rposition(|pair| pair == [0xff, 0xd9])?;
                out.extend_from_slice(rest.get(..end + 2)?);
                return frame.then_some(out);
            }
            0xe1..=0xef | 0xfe => {}
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                frame = true;
                out.extend_from_slice(segment);
            }
            _ => out.extend_from_slice(segment),
        }
        rest = rest.get(segment.len()..)?;
    }
}

fn png(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = PNG.to_vec();
    let mut rest = bytes.get(PNG.len()..)?;
    let mut first = true;
    let mut drawn = false;
    loop {
        let len = usize::try_from(u32::from_be_bytes(rest.first_chunk::<4>().copied()?)).ok()?;
        let chunk = rest.get(..len.checked_add(12)?)?;
        let name = chunk.get(4..8)?;
        if first && name != b"IHDR" {
            return None;
        }
        first = false;
        drawn |= name == b"IDAT";
        if DRAWN.contains(&name) {
            out.extend_from_slice(chunk);
        }
        if name == b"IEND" {
            return drawn.then_some(out);
        }
        rest = rest.get(chunk.len()..)?;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
        let len = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&len[..], name, data, &[0; 4]].concat()
    }

    fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
        let len = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &len[..], data].concat()
    }

    #[test]
    fn what_a_photo_says_about_its_place_is_cut_out() {
        let place = b"48.85,2.35 somewhere";
        let png = [PNG.to_vec(), chunk(b"IHDR", &[0; 13]), chunk(b"tEXt", place)].concat();
        let png = [png, chunk(b"eXIf", place), chunk(b"IDAT", b"x"), chunk(b"IEND", b"")].concat();
        let taken = take(&png).unwrap();
        assert_eq!(taken.media_type, "image/png");
        assert!(!taken.data.windows(5).any(|window| window == b"48.85"));
        assert_eq!(take(&taken.data).unwrap(), taken);

        let jpeg = [vec![0xff, 0xd8], segment(0xe0, b"JFIF"), segment(0xe1, place)].concat();
        let jpeg = [jpeg, segment(0xc0, &[8; 9]), segment(0xfe, place)].concat();
        let jpeg = [jpeg, segment(0xda, &[0; 4]), vec![1, 2, 0xff, 0xd9], place.to_vec()].concat();
        let taken = take(&jpeg).unwrap();
        assert_eq!(taken.media_type, "image/jpeg");
        assert!(!taken.data.windows(5).any(|window| window == b"48.85"));
        assert_eq!(take(&taken.data).unwrap(), taken);
    }

    #[test]
    fn what_is_no_image_is_not_taken() {
        let html = b"<html><script>alert(1)</script></html>";
        let cut = [PNG, &chunk(b"IHDR", &[0; 13])].concat();
        let masked = [JPEG, html].concat();
        for bytes in [&html[..], b"", b"GIF89a", b"%PDF-1.7", PNG, JPEG, &cut, &masked] {
            assert_eq!(take(bytes), Err(NotTaken::NotAnImage));
        }
        assert_eq!(take(&vec![0; BYTES_MAX + 1]), Err(NotTaken::TooLarge));
    }
}
