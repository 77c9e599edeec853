//! The zip file: readable for others, and refused when it says more than one thing.

use evidence_pack::container::{Container, Content, Directory, Locator, Malformed};
use evidence_pack::layout;

use crate::sample::{Site, grant, period};

pub(crate) fn locate(pack: &[u8]) -> Result<Directory, Malformed> {
    let mut locator = Locator::new(pack.len() as u64);
    while let Some(span) = locator.wants() {
        let from = usize::try_from(span.offset).unwrap().min(pack.len());
        let to = from.saturating_add(usize::try_from(span.length).unwrap()).min(pack.len());
        locator.give(&pack[from..to])?;
    }
    Ok(locator.finish())
}

fn files(pack: &[u8]) -> Vec<(String, Vec<u8>)> {
    let directory = locate(pack).unwrap();
    let read = |entry: &evidence_pack::container::Entry| {
        let from = usize::try_from(entry.data.offset).unwrap();
        let packed = &pack[from..from + usize::try_from(entry.data.length).unwrap()];
        let mut content = Content::of(entry);
        let mut bytes = Vec::new();
        content
            .push(packed, |piece| {
                bytes.extend_from_slice(piece);
                Ok::<(), Malformed>(())
            })
            .unwrap();
        content.finish(None).unwrap();
        (entry.name.clone(), bytes)
    };
    directory.entries().iter().map(read).collect()
}

/// A zip file as other programs make it: sizes before each file, any order, compressed or not.
fn zip(files: &[(String, Vec<u8>)], compressed: bool) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let packed = if compressed { miniz_oxide::deflate::compress_to_vec(bytes, 6) } else { bytes.clone() };
        let mut about = Vec::new();
        about.extend(20_u16.to_le_bytes());
        about.extend(0_u16.to_le_bytes());
        about.extend(if compressed { 8_u16 } else { 0 }.to_le_bytes());
        about.extend(0x5000_5000_u32.to_le_bytes());
        about.extend(crc32fast::hash(bytes).to_le_bytes());
        about.extend(u32::try_from(packed.len()).unwrap().to_le_bytes());
        about.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        about.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        let at = u32::try_from(out.len()).unwrap();
        out.extend(0x0403_4b50_u32.to_le_bytes());
        out.extend(&about);
        // An extra field, as Info-ZIP writes one for times.
        out.extend(4_u16.to_le_bytes());
        out.extend(name.as_bytes());
        out.extend([0x55, 0x54, 0, 0]);
        out.extend(&packed);
        directory.extend(0x0201_4b50_u32.to_le_bytes());
        directory.extend(20_u16.to_le_bytes());
        directory.extend(&about);
        directory.extend([0; 12]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = u32::try_from(out.len()).unwrap();
    out.extend(&directory);
    out.extend(0x0605_4b50_u32.to_le_bytes());
    out.extend([0; 4]);
    let count = u16::try_from(files.len()).unwrap();
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}

/// The files that are kept, packed by another program.
pub(crate) fn packed_anew(pack: &[u8], keep: impl Fn(&str) -> bool, compressed: bool) -> Vec<u8> {
    let kept: Vec<_> = files(pack).into_iter().rev().filter(|(name, _)| keep(name)).collect();
    zip(&kept, compressed)
}

pub(crate) fn replaced(pack: &[u8], name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut files = files(pack);
    change(&mut files.iter_mut().find(|(other, _)| other == name).unwrap().1);
    zip(&files, false)
}

pub(crate) fn with_file(pack: &[u8], name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut files = files(pack);
    files.push((name.to_owned(), bytes.to_vec()));
    zip(&files, false)
}

#[test]
fn an_independent_reader_finds_the_same_files() {
    let site = Site::new(40);
    for scope in [grant(), period(3, 39)] {
        let pack = site.pack(&scope);
        let archive = rawzip::ZipArchive::from_slice(&pack).unwrap();
        let mut found = Vec::new();
        let mut entries = archive.entries();
        while let Some(entry) = entries.next_entry().unwrap() {
            let name = String::from_utf8(entry.file_path().as_ref().to_vec()).unwrap();
            let content = archive.get_entry(entry.wayfinder()).unwrap();
            let bytes = content.data().to_vec();
            let stated = content.claim_verifier();
            assert_eq!((stated.crc, stated.uncompressed_size), (crc32fast::hash(&bytes), bytes.len() as u64));
            found.push((name, bytes));
        }
        assert_eq!(found, files(&pack));
        assert_eq!(found.last().unwrap().0, layout::SIGNATURE);
    }
}

#[test]
fn a_pack_verifies_after_another_program_packed_it() {
    let site = Site::new(200);
    for scope in [grant(), period(7, 190)] {
        for compressed in [false, true] {
            let pack = packed_anew(&site.pack(&scope), |_| true, compressed);
            let report = site.verify(&pack);
            assert!(report.ok(), "{report:?}");
        }
    }
}

fn code(pack: &[u8]) -> &'static str {
    let report = Site::new(1).verify(pack);
    report.first_failure().map_or("none", |(_, why)| why.code())
}

fn put(pack: &mut [u8], at: usize, bytes: &[u8]) {
    pack[at..at + bytes.len()].copy_from_slice(bytes);
}

fn find(pack: &[u8], pattern: &[u8]) -> usize {
    pack.windows(pattern.len()).position(|window| window == pattern).unwrap()
}

#[test]
fn what_is_no_plain_zip_file_is_refused_by_name() {
    let site = Site::new(20);
    let good = site.pack(&grant());
    let central = find(&good, b"PK\x01\x02");
    let end = good.len() - 22;
    let changed = |at: usize, bytes: &[u8]| {
        let mut pack = good.clone();
        put(&mut pack, at, bytes);
        code(&pack)
    };
    assert_eq!(code(&[]), "zip_end");
    assert_eq!(code(b"PK\x05\x06"), "zip_end");
    assert_eq!(code(&good[..good.len() - 1]), "zip_end");
    assert_eq!(code(&good[1..]), "zip_directory");
    assert_eq!(code(&[&good[..], b"\n"].concat()), "zip_end");
    assert_eq!(code(&[b"#!/bin/sh\n", &good[..]].concat()), "zip_directory");
    // A comment hides an archive in an archive.
    assert_eq!(changed(end + 20, &[1, 0]), "zip_end");
    assert_eq!(changed(end + 4, &[1, 0]), "zip_parts");
    assert_eq!(changed(end + 8, &[0xff; 4]), "zip_64");
    assert_eq!(changed(end + 8, &[0xfe, 0xff, 0xfe, 0xff]), "zip_too_many_files");
    assert_eq!(changed(end + 8, &[1, 0, 1, 0]), "zip_directory");
    assert_eq!(changed(end + 12, &[1, 0, 0, 0]), "zip_directory");
    assert_eq!(changed(central, b"PK\x01\x03"), "zip_directory");
    // Encrypted; then bzip2.
    assert_eq!(changed(central + 8, &[0x09, 0x08]), "zip_features");
    assert_eq!(changed(central + 10, &[12, 0]), "zip_method");
    // The header before the file says something else: method, then name.
    assert_eq!(changed(8, &[8, 0]), "zip_header");
    assert_eq!(changed(30, b"X"), "zip_header");
    // Sizes behind the file.
    assert_eq!(changed(find(&good, b"PK\x07\x08") + 8, &[1, 1]), "zip_header");
    // A bit of the content.
    assert_eq!(changed(60, &[good[60] ^ 1]), "zip_checksum");
}

#[test]
fn names_that_lead_elsewhere_or_come_twice_are_refused() {
    let one = |name: &str| code(&zip(&[(name.to_owned(), b"x".to_vec())], false));
    for name in
        ["../evil", "/etc/passwd", "a/b", "a\\b", "C:evil", "", ".", "..", ".hidden", "a\0b", "nul l", "ü"]
    {
        assert_eq!(one(name), "zip_unsafe_name", "{name:?}");
    }
    let long = "a".repeat(300);
    assert_eq!(one(&long), "zip_unsafe_name");
    assert_eq!(one("harmless.txt"), "file_unknown");
    let twice = [("manifest.json".to_owned(), b"{}".to_vec()), ("manifest.json".to_owned(), b"[]".to_vec())];
    assert_eq!(code(&zip(&twice, false)), "zip_duplicate_name");
}

#[test]
fn files_that_lie_within_one_another_are_refused() {
    let files = [("checkpoint".to_owned(), b"abc".to_vec()), ("report.html".to_owned(), b"x".to_vec())];
    let good = zip(&files, false);
    // The second header of the directory points to the first file: a bomb that unpacks the same bytes many times.
    let second = good.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    let mut same_place = good.clone();
    put(&mut same_place, second + 42, &0_u32.to_le_bytes());
    assert!(["zip_overlap", "zip_header", "zip_gap"].contains(&code(&same_place)));
    // The first file is said to reach into the second.
    let mut long = good.clone();
    let first = find(&good, b"PK\x01\x02");
    for at in [18, 22, first + 20, first + 24] {
        put(&mut long, at, &20_u32.to_le_bytes());
    }
    assert_eq!(code(&long), "zip_overlap");
    // Bytes between the files that no file has.
    let mut short = good;
    for at in [18, 22, first + 20, first + 24] {
        put(&mut short, at, &2_u32.to_le_bytes());
    }
    assert_eq!(code(&short), "zip_gap");
}

#[test]
fn bombs_are_refused_before_they_unpack() {
    let bomb = zip(&[(layout::REPORT.to_owned(), vec![b'0'; 50 << 20])], true);
    assert!(bomb.len() < 100_000);
    assert_eq!(code(&bomb), "zip_ratio");

    // One that lies about what it unpacks to: within the ratio by its word, beyond it in truth.
    let mut lying = zip(&[(layout::MANIFEST.to_owned(), vec![b'0'; 1 << 20])], true);
    let first = find(&lying, b"PK\x01\x02");
    for at in [22, first + 24] {
        put(&mut lying, at, &5_000_u32.to_le_bytes());
    }
    assert_eq!(code(&lying), "zip_size");
    // A file that is read whole, and is as large as stored files may be.
    let large = zip(&[(layout::MANIFEST.to_owned(), vec![b' '; (1 << 20) + 1])], false);
    assert_eq!(code(&large), "file_too_large");
    // Compressed bytes that are none, that end early, and that go on.
    let name = layout::MANIFEST.to_owned();
    let packed = zip(&[(name, b"{\"format\":1}".repeat(20))], true);
    let data = find(&packed, b"UT\0\0") + 4;
    let mut damaged = packed.clone();
    put(&mut damaged, data, &[0xff; 4]);
    assert_eq!(code(&damaged), "zip_deflate");
}

#[test]
fn a_line_without_end_takes_no_memory() {
    let site = Site::new(20);
    let mut files = site.files(&grant());
    files[0].1 = vec![b'x'; 100 << 20];
    let report = site.verify(&site.pack_of(grant(), &files));
    assert_eq!(report.first_failure().unwrap().1.code(), "line_too_long");
    let at = files.iter().position(|(name, _)| *name == layout::DOCUMENTS).unwrap();
    files = site.files(&grant());
    files[at].1 = vec![b'x'; 10 << 20];
    let report = site.verify(&site.pack_of(grant(), &files));
    assert_eq!(report.first_failure().unwrap().1.code(), "line_too_long");
}

#[test]
fn a_container_without_files_is_no_pack() {
    let mut out = Vec::new();
    Container::default().finish(&mut out).unwrap();
    assert_eq!(code(&out), "file_missing");
}
