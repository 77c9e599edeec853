//! Checkpoints in a file outside.

use clearance_server::ticker;
use serde_json::json;

use crate::support::Site;

#[tokio::test]
async fn every_checkpoint_is_appended_once_and_counts_once_it_is_in_the_file() {
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("missing/checkpoints");
    let site = Site::new().await.anchoring_in(&file);
    ticker::pass(&site.app).await;
    let first = site.console("audit.checkpoint", json!({})).await;
    assert_eq!(first["anchored_size"], 0, "the file cannot be written");

    std::fs::create_dir(file.parent().unwrap()).unwrap();
    site.add("Ada", "member").await;
    site.clock.advance_minutes(1);
    for _ in 0..2 {
        ticker::pass(&site.app).await;
    }
    let second = site.console("audit.checkpoint", json!({})).await;
    assert_eq!((&second["anchored_size"], &second["rewritable"]), (&second["checkpoint"]["size"], &json!(0)));
    assert_eq!(second["checkpoint"]["anchors"][0]["to"], "file");
    let notes = [&first, &second].map(|answer| answer["checkpoint"]["note"].as_str().unwrap());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("{}\n{}\n", notes[0], notes[1]));
}
