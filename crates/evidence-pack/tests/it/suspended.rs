//! A pack that several write, one after the other, is the pack of one.

use evidence_pack::{PackWriter, Suspended};
use proptest::prelude::*;

use crate::sample::{Site, grant};

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn however_often_it_changes_hands(cuts in prop::collection::vec(1..4_000_usize, 0..24)) {
        let sample = Site::new(40);
        let files = sample.files(&grant());
        let whole = sample.pack_of(grant(), &files);
        let (mut writer, mut out) = (PackWriter::new(), Vec::new());
        let mut cuts = cuts.into_iter();
        let mut until_cut = cuts.next();
        for (name, bytes) in &files {
            writer.file(name).unwrap();
            for chunk in bytes.chunks(100) {
                writer.write(chunk);
                until_cut = until_cut.map(|left| left.saturating_sub(chunk.len()));
                if until_cut == Some(0) {
                    until_cut = cuts.next();
                    out.extend(writer.take());
                    let kept = serde_json::to_string(&writer.suspend()).unwrap();
                    let suspended: Suspended = serde_json::from_str(&kept).unwrap();
                    writer = PackWriter::resume(&suspended).unwrap();
                }
            }
        }
        out.extend(writer.take());
        let records = files[0].1.split(|byte| *byte == b'\n').count() as u64 - 1;
        let (closing, to_sign) = writer.close(sample.about(grant(), records)).unwrap();
        out.extend(closing.finish(&sample.sign(&to_sign)).unwrap());
        prop_assert!(out == whole);
    }
}

#[test]
fn what_no_writer_ever_was_is_not_resumed() {
    let mut writer = PackWriter::new();
    writer.file(evidence_pack::layout::RECORDS).unwrap();
    let kept = serde_json::to_value(writer.suspend()).unwrap();
    let resumes = |kept: &serde_json::Value| {
        PackWriter::resume(&serde_json::from_value(kept.clone()).unwrap()).is_some()
    };
    assert!(resumes(&kept));
    for (field, wrong) in
        [("name", serde_json::json!("../etc/passwd")), ("hash", serde_json::json!([1, 2, 3]))]
    {
        let mut kept = kept.clone();
        kept["open"][field] = wrong;
        assert!(!resumes(&kept), "{field}");
    }
}
