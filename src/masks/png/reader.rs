//! Reads one mask file after another into memory that is kept.

use std::fs;
use std::io::{self, Read};
use std::ops::Range;
#[cfg(unix)]
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::chunks::{Header, INDEXED, ImageData, SIGNATURE, image_data, palette};
use super::file::{File, PIXELS};
use super::inflate::{Inflater, Inflating, SPARE};
use super::kind::Kind;
use super::scanlines::{Bands, Filtered, Scanlines, Source};
use super::whole::unfiltered;
use super::{Mask, Rules, fallback, grow};
use crate::cpu::Kernel;
use crate::error::{Error, look};

/// Bytes that are read to know the header; most masks are no larger.
const HEAD: u64 = 1 << 16;

/// Bytes that are read between two looks at whether to stop.
const PIECE: u64 = 1 << 22;

/// Bytes that a file may have beside its pixels, for text, colour profiles and the like; it may have
/// four times as many bytes as both.
const BESIDE: u64 = 64 << 20;

/// Bytes that one compressed byte can stand for, at most, in deflate: a run of 258 takes two bits.
const MOST_INFLATED: u64 = 1032;

/// Memory beyond this is given back before the next file, from each of a few buffers.
const KEPT: usize = 16 << 20;

/// Reads mask files, one after the other, into memory that it keeps.
pub struct Reader {
    kernel: Kernel,
    inflater: Inflater,
    /// The file, in its first `len` bytes.
    file: Vec<u8>,
    len: usize,
    joined: Vec<u8>,
    bands: Bands,
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// A reader that keeps nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::with_kernel(Kernel::best())
    }

    /// A reader that uses one instruction set, for tests and benches.
    #[must_use]
    pub fn with_kernel(kernel: Kernel) -> Self {
        Self {
            kernel,
            inflater: Inflater::with_kernel(kernel),
            file: Vec::new(),
            len: 0,
            joined: Vec::new(),
            bands: Bands::default(),
        }
    }

    /// Open a file and read its header.
    ///
    /// # Errors
    ///
    /// Those of [`Reader::read`].
    pub fn open(&mut self, path: &Path, rules: Rules) -> Result<MaskFile<'_, fs::File>, Error> {
        let mut options = fs::OpenOptions::new();
        options.read(true);
        // A pipe is opened without waiting until somebody writes to it. What it is, is asked of what is open:
        // by its path it could be another file by now, and the path would be looked up once more.
        #[cfg(unix)]
        OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
        let file = options.open(path)?;
        let kind = file.metadata()?;
        if kind.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
        }
        if !kind.is_file() {
            return Err(Error::NotPng { found: "a pipe or a device" });
        }
        self.read(file, kind.len(), rules)
    }

    /// Read the header of a file of `size` bytes.
    ///
    /// # Errors
    ///
    /// [`Error::NotPng`], [`Error::Damaged`], [`Error::TooManyPixels`], [`Error::NotLabels`],
    /// [`Error::OutOfMemory`] and [`Error::Io`].
    pub fn read<R: Read>(
        &mut self,
        mut source: R,
        size: u64,
        rules: Rules,
    ) -> Result<MaskFile<'_, R>, Error> {
        let Bands { rows, unpacked, colours, runs, .. } = &mut self.bands;
        give_back(colours);
        give_back(runs);
        for memory in [&mut self.file, &mut self.joined, &mut self.inflater.window, rows, unpacked] {
            give_back(memory);
        }
        self.len = 0;
        self.load(&mut source, size.min(HEAD))?;
        let head = &self.file[..self.len];
        if let Some(found) = other_format(head) {
            return Err(Error::NotPng { found });
        }
        let Some(header) = Header::read(head) else { return Err(fallback::header_refusal(head)) };
        let (width, height) = (header.width, header.height);
        if u64::from(width) * u64::from(height) > rules.max_pixels {
            return Err(Error::TooManyPixels { width, height, limit: rules.max_pixels });
        }
        let kind = Kind::of(&header)?;
        if size.saturating_mul(MOST_INFLATED) < header.filtered_bytes() {
            return Err(Error::Damaged(format!("{size} bytes cannot hold {width} x {height} pixels")));
        }
        if size / 4 > header.filtered_bytes().saturating_add(BESIDE) {
            return Err(Error::Damaged(format!("it has {size} bytes, far more than its pixels need")));
        }
        Ok(MaskFile { reader: self, source, size, header, kind, colours: rules.colours })
    }

    /// Read on until there are `len` bytes of the file, or it ends.
    fn load(&mut self, source: &mut impl Read, len: u64) -> Result<(), Error> {
        let len = usize::try_from(len).map_err(|_| Error::OutOfMemory { bytes: len })?;
        grow(&mut self.file, len)?;
        while self.len < len {
            match source.read(&mut self.file[self.len..len]) {
                Ok(0) => break,
                Ok(read) => self.len += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// A mask file whose header has been read and accepted.
pub struct MaskFile<'a, R> {
    reader: &'a mut Reader,
    source: R,
    size: u64,
    header: Header,
    kind: Kind,
    colours: bool,
}

impl<'a, R: Read> MaskFile<'a, R> {
    /// Shape as (height, width), in pixels.
    #[must_use]
    pub fn shape(&self) -> [usize; 2] {
        [self.header.height as usize, self.header.width as usize]
    }

    /// Bytes of memory that are held at the peak of reading this mask.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let Header { width, height, depth, .. } = self.header;
        let pixels = u64::from(width) * u64::from(height);
        let bytes_per_label = match (self.kind, depth) {
            (Kind::Labels, 16) => 2,
            (Kind::Labels, _) => 1,
            _ => 8,
        };
        let rows = self.header.filtered_bytes();
        // The file, and once more with its image data joined; rows without their filters, once more where they
        // are interlaced or damaged, and as labels.
        [self.size, self.size, rows, rows, pixels.saturating_mul(bytes_per_label)]
            .into_iter()
            .fold(0, u64::saturating_add)
    }

    /// Red, green and blue of each index, if pixels are indices. Pixels are not looked at, so that what is
    /// said of a file that cannot be read means nothing.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfMemory`], [`Error::Io`] and [`Error::Cancelled`].
    pub fn palette(&mut self, stop: &mut dyn FnMut() -> bool) -> Result<Option<Vec<u8>>, Error> {
        if self.header.colour != INDEXED {
            return Ok(None);
        }
        self.load(stop)?;
        Ok(palette(&self.reader.file[..self.reader.len], &self.header).map(<[u8]>::to_vec))
    }

    /// Read the pixels as a whole. `stop` is asked now and then.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`], [`Error::Damaged`], [`Error::NotLabels`], [`Error::OutOfMemory`],
    /// [`Error::Io`] and [`Error::Cancelled`].
    pub fn decode(self, stop: &mut dyn FnMut() -> bool) -> Result<Mask, Error> {
        match self.source(stop)? {
            Source::Filtered(filtered) => filtered.into_mask(stop),
            Source::Mask(mask) => Ok(mask),
        }
    }

    /// Read the pixels in bands of rows. `stop` is asked now and then.
    ///
    /// # Errors
    ///
    /// Those of [`MaskFile::decode`].
    pub fn scanlines(self, stop: &mut dyn FnMut() -> bool) -> Result<Scanlines<'a>, Error> {
        Ok(Scanlines::new(self.shape(), self.source(stop)?))
    }

    fn load(&mut self, stop: &mut dyn FnMut() -> bool) -> Result<(), Error> {
        let mut len = self.reader.len as u64;
        while len < self.size {
            look(stop)?;
            len = self.size.min(len + PIECE);
            self.reader.load(&mut self.source, len)?;
        }
        Ok(())
    }

    fn source(mut self, stop: &mut dyn FnMut() -> bool) -> Result<Source<'a>, Error> {
        self.load(stop)?;
        let Self { header, kind, colours, .. } = self;
        let Reader { kernel, inflater, file, len, joined, bands } = self.reader;
        let file = File { bytes: &file[..*len], header, kind, colours };
        // Of colours that nobody asked for it is known at the end alone whether they are labels.
        let few = colours && header.width as usize <= PIXELS;
        let by_rows = !header.interlaced && (kind == Kind::Labels || few);
        let raw = match inflating(inflater, &file, joined)? {
            Some(stream) if by_rows => {
                if let Some(filtered) = Filtered::new(*kernel, file, stream, bands) {
                    return Ok(Source::Filtered(filtered));
                }
                None
            }
            Some(stream) => unfiltered(*kernel, &header, stream, stop)?,
            None => None,
        };
        let mask = match raw {
            Some(raw) => file.mask(raw, stop),
            None => file.otherwise(stop),
        };
        Ok(Source::Mask(mask?))
    }
}

/// Keep no more memory than [`KEPT`] for the next file.
fn give_back<T>(memory: &mut Vec<T>) {
    if memory.capacity() > KEPT / size_of::<T>() {
        *memory = Vec::new();
    }
}

/// The image data of a file that is as most are.
fn inflating<'a>(
    inflater: &'a mut Inflater,
    file: &File<'a>,
    joined: &'a mut Vec<u8>,
) -> Result<Option<Inflating<'a>>, Error> {
    // What is joined comes from the file, so it needs no more than that; mostly nothing is.
    joined.clear();
    let len = file.bytes.len() + SPARE;
    joined.try_reserve(len).map_err(|_| Error::OutOfMemory { bytes: len as u64 })?;
    let Some(ImageData { chunk, simple: true }) = image_data(file.bytes, &file.header, joined) else {
        return Ok(None);
    };
    let (input, end) = if let Some(Range { start, end }) = chunk {
        // After it come its checksum and the chunk that ends the file.
        (&file.bytes[start..], end - start)
    } else {
        let end = joined.len();
        joined.resize(end + SPARE, 0);
        (joined.as_slice(), end)
    };
    Ok(inflater.begin(input, end, file.header.filtered_bytes()))
}

/// What a file is, if its first bytes say that it is no PNG.
fn other_format(start: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 10] = [
        (b"\xff\xd8\xff", "a JPEG"),
        (b"GIF8", "a GIF"),
        (b"BM", "a BMP"),
        (b"II*\0", "a TIFF"),
        (b"MM\0*", "a TIFF"),
        (b"II+\0", "a TIFF"),
        (b"MM\0+", "a TIFF"),
        (b"\x93NUMPY", "a NumPy array file"),
        (b"\x89PNG", "a PNG whose line ends were converted"),
        (b"version https://git-lfs", "a Git LFS pointer, not the file itself"),
    ];
    if start.is_empty() {
        return Some("an empty file");
    }
    if start.starts_with(SIGNATURE) || SIGNATURE.starts_with(start) {
        return None;
    }
    if start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP") {
        return Some("a WebP");
    }
    let known = KINDS.iter().find(|(magic, _)| start.starts_with(magic));
    Some(known.map_or("a file of another kind", |(_, name)| name))
}
