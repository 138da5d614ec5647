//! Secrets planted on purpose, and the search for them wherever they must not be: as they are, and in every form that
//! programs write things down in.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// How many values are planted.
pub const PLANTED: usize = 20;
/// Read at once of a file or a memory.
const CHUNK_BYTES: usize = 1 << 20;

/// How a value is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    Raw,
    Hex,
    HexUpper,
    /// In any of the three positions that it can have within a longer text.
    Base64,
    Base64Url,
    PercentEncoded,
    /// With its quotation marks and backslashes escaped.
    Json,
    Utf16,
}

/// Where a value was found. Does not hold the value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub place: String,
    /// Which of the planted ones, from 0.
    pub value: usize,
    pub form: Form,
    /// From the beginning of the place, in bytes.
    pub offset: u64,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "value {} as {:?} at byte {} of {}", self.value, self.form, self.offset, self.place)
    }
}

#[derive(Debug)]
struct Pattern {
    value: usize,
    form: Form,
    bytes: Vec<u8>,
}

/// The planted values and all their forms.
#[derive(Debug)]
pub struct Planted {
    values: Vec<String>,
    patterns: Vec<Pattern>,
    /// By their first two bytes: which patterns begin so.
    beginnings: Vec<Vec<usize>>,
    longest: usize,
}

impl Default for Planted {
    fn default() -> Self {
        Self::new()
    }
}

impl Planted {
    /// Twenty values that nobody has seen, a quarter of them with characters that have to be escaped somewhere.
    #[must_use]
    pub fn new() -> Self {
        let value = |number: usize| {
            let random: String = std::iter::repeat_with(fastrand::alphanumeric).take(40).collect();
            match number % 4 {
                0 => format!("pit-{random}"),
                1 => random,
                2 => format!("{random}.{number}_-"),
                _ => format!("p\"w\\ {random}/+=&?%£"),
            }
        };
        Self::of((0..PLANTED).map(value).collect())
    }

    /// Values of one's own, each at least 12 bytes: shorter ones are found by chance.
    #[must_use]
    pub fn of(values: Vec<String>) -> Self {
        assert!(values.iter().all(|value| value.len() >= 12), "a short value is found by chance");
        let mut patterns = Vec::new();
        for (value, text) in values.iter().enumerate() {
            let mut distinct: BTreeMap<Vec<u8>, Form> = BTreeMap::new();
            for (form, bytes) in forms(text) {
                distinct.entry(bytes).or_insert(form);
            }
            patterns.extend(distinct.into_iter().map(|(bytes, form)| Pattern { value, form, bytes }));
        }
        let mut beginnings = vec![Vec::new(); 1 << 16];
        for (index, pattern) in patterns.iter().enumerate() {
            beginnings[beginning(&pattern.bytes)].push(index);
        }
        let longest = patterns.iter().map(|pattern| pattern.bytes.len()).max().unwrap_or(0);
        Self { values, patterns, beginnings, longest }
    }

    /// What to plant.
    #[must_use]
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// Searches bytes: a log, an error, an answer.
    #[must_use]
    pub fn search_bytes(&self, place: &str, bytes: &[u8]) -> Vec<Finding> {
        self.search_from(place, 0, bytes)
    }

    /// Searches a file: a database, a log, a core dump.
    ///
    /// # Panics
    /// If it cannot be read.
    #[must_use]
    pub fn search_file(&self, path: &Path) -> Vec<Finding> {
        let file = std::fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        self.search_stream(&path.display().to_string(), 0, file)
    }

    /// Searches every file of a folder and the folders in it, and their names.
    ///
    /// # Panics
    /// If one cannot be read.
    #[must_use]
    pub fn search_folder(&self, folder: &Path) -> Vec<Finding> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("the folder is readable").path();
            found.extend(self.search_bytes("the name of a file", path.to_string_lossy().as_bytes()));
            found.extend(if path.is_dir() { self.search_folder(&path) } else { self.search_file(&path) });
        }
        found
    }

    /// Searches what every user of the machine can see of a process (its words), and what its owner can (its
    /// environment). Linux.
    ///
    /// # Panics
    /// If the process is gone.
    #[must_use]
    pub fn search_listing(&self, process_id: u32) -> Vec<Finding> {
        let files = ["cmdline", "environ", "comm"].map(|name| format!("/proc/{process_id}/{name}"));
        files.iter().flat_map(|path| self.search_file(Path::new(path))).collect()
    }

    /// Searches all that a core dump of a running process would hold. Linux; the process must be ours to look into.
    ///
    /// # Panics
    /// If it is not, or is gone.
    #[must_use]
    pub fn search_memory(&self, process_id: u32) -> Vec<Finding> {
        let maps = std::fs::read_to_string(format!("/proc/{process_id}/maps")).expect("the process is there");
        let mut memory = std::fs::File::open(format!("/proc/{process_id}/mem")).expect("the process is ours");
        let (mut found, mut searched) = (Vec::new(), 0_u64);
        for line in maps.lines() {
            let Some((from, to)) = range(line) else { continue };
            if memory.seek(SeekFrom::Start(from)).is_err() {
                continue;
            }
            let name = line.split_whitespace().nth(5).unwrap_or("memory");
            found.extend(self.search_stream(name, from, (&mut memory).take(to - from)));
            searched += to - from;
        }
        assert!(searched > 0, "nothing of the memory could be read");
        found
    }

    /// Stops where no more can be read: devices mapped into a memory cannot.
    fn search_stream(&self, place: &str, start: u64, mut stream: impl Read) -> Vec<Finding> {
        let (mut found, mut kept, mut offset) = (BTreeSet::new(), Vec::new(), start);
        let mut chunk = vec![0; CHUNK_BYTES];
        while let Ok(length @ 1..) = stream.read(&mut chunk) {
            kept.extend_from_slice(&chunk[..length]);
            found.extend(self.search_from(place, offset, &kept));
            // What lies across the border is found with the next chunk.
            let done = kept.len().saturating_sub(self.longest);
            kept.drain(..done);
            offset += done as u64;
        }
        found.into_iter().collect()
    }

    fn search_from(&self, place: &str, start: u64, bytes: &[u8]) -> Vec<Finding> {
        let mut found = Vec::new();
        for (at, pair) in bytes.windows(2).enumerate() {
            for index in &self.beginnings[beginning(pair)] {
                let Pattern { value, form, bytes: pattern } = &self.patterns[*index];
                if bytes[at..].starts_with(pattern) {
                    let offset = start + at as u64;
                    found.push(Finding { place: place.to_owned(), value: *value, form: *form, offset });
                }
            }
        }
        found
    }
}

fn beginning(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

fn range(line: &str) -> Option<(u64, u64)> {
    let mut words = line.split_whitespace();
    let (from, to) = words.next()?.split_once('-')?;
    words.next()?.starts_with('r').then_some(())?;
    Some((u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?))
}

fn forms(text: &str) -> Vec<(Form, Vec<u8>)> {
    let json = serde_json::to_string(text).expect("a text is JSON");
    let mut forms = vec![
        (Form::Raw, text.as_bytes().to_vec()),
        (Form::Hex, hex(text, |byte| format!("{byte:02x}"))),
        (Form::HexUpper, hex(text, |byte| format!("{byte:02X}"))),
        (Form::Json, json.as_bytes()[1..json.len() - 1].to_vec()),
        (Form::PercentEncoded, url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().into_bytes()),
        (Form::Utf16, text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ];
    for position in 0..3 {
        // Characters that the neighbours have no part in.
        let shifted = [vec![0; position], text.as_bytes().to_vec()].concat();
        let (from, to) = ([0, 2, 3][position], shifted.len() * 8 / 6);
        forms.push((Form::Base64, STANDARD_NO_PAD.encode(&shifted).as_bytes()[from..to].to_vec()));
        forms.push((Form::Base64Url, URL_SAFE_NO_PAD.encode(&shifted).as_bytes()[from..to].to_vec()));
    }
    forms
}

fn hex(text: &str, digits: impl Fn(u8) -> String) -> Vec<u8> {
    text.bytes().map(digits).collect::<String>().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_found_in_every_form_and_nowhere_else() {
        let planted = Planted::new();
        assert_eq!(planted.search_bytes("nothing", &vec![b'x'; 100_000]), []);
        for (number, value) in planted.values().iter().enumerate() {
            for (form, bytes) in forms(value) {
                let text = [b"around ".as_slice(), &bytes, b" it"].concat();
                let found = planted.search_bytes("text", &text);
                assert!(
                    found.iter().any(|one| one.value == number && one.offset == 7),
                    "{form:?} of {number}: {found:?}"
                );
                assert!(found.iter().all(|one| one.value == number), "{form:?}: {found:?}");
                let half = planted.search_bytes("half", &text[..text.len() - 8]);
                assert_eq!(half, [], "{form:?}");
            }
        }
    }

    #[test]
    fn base64_of_a_header_shows_the_value_in_it() {
        let planted = Planted::of(vec!["correct horse battery".to_owned()]);
        for before in ["", "a", "ab", "user:"] {
            let header = STANDARD_NO_PAD.encode(format!("{before}correct horse battery staple"));
            assert_eq!(planted.search_bytes("header", header.as_bytes())[0].form, Form::Base64, "after {before:?}");
        }
    }

    #[test]
    fn what_lies_across_two_reads_is_found() {
        let planted = Planted::new();
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = vec![0; CHUNK_BYTES - 10];
        bytes.extend_from_slice(planted.values()[4].as_bytes());
        bytes.extend_from_slice(&vec![0; CHUNK_BYTES]);
        std::fs::create_dir(folder.path().join("in")).unwrap();
        std::fs::write(folder.path().join("in/core"), bytes).unwrap();
        let found = planted.search_folder(folder.path());
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].value, found[0].offset), (4, (CHUNK_BYTES - 10) as u64));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_process_holds_and_was_started_with_is_found() {
        let planted = Planted::new();
        let mut holder = std::process::Command::new("sh")
            .args(["-c", "echo; read -r _", &planted.values()[1]])
            .env("PLANTED", &planted.values()[2])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // Its listing is empty until it runs.
        holder.stdout.take().unwrap().read_exact(&mut [0]).unwrap();
        let listed: BTreeSet<usize> = planted.search_listing(holder.id()).iter().map(|one| one.value).collect();
        let held: BTreeSet<usize> = planted.search_memory(holder.id()).iter().map(|one| one.value).collect();
        assert_eq!(listed, BTreeSet::from([1, 2]));
        assert_eq!(held, BTreeSet::from([1, 2]));
        drop(holder.stdin.take());
        holder.wait().unwrap();
    }
}
