use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::documents::{Document, load};
use crate::failure::Failure;
use crate::ids::ExportId;
use crate::ports::{Attributes, Kind, Store, StoreError};

/// Bytes of a piece at most: as base64, with what is around it, below the 240 KiB that a document may have on the narrowest host.
pub(super) const PIECE_BYTES: usize = 176 * 1024;

/// A piece of what an export is of, in the order of the bytes. It may hold names and texts: it goes with its export, and before that with
/// whoever it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportPiece {
    export: ExportId,
    /// Its place, from 0.
    number: u32,
    /// Base64.
    content: String,
}

impl ExportPiece {
    fn key_of(export: ExportId, number: u32) -> String {
        format!("{export}:{number:06}")
    }

    fn bytes(&self) -> Result<Vec<u8>, Failure> {
        STANDARD
            .decode(&self.content)
            .map_err(|error| StoreError::Damaged(format!("{}: {error}", self.key())).into())
    }
}

impl Document for ExportPiece {
    const KIND: &'static Kind = &Kind { name: "export_piece", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::key_of(self.export, self.number)
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// Bytes as pieces of about the same size, the first of this number.
pub(super) fn pieces_of(export: ExportId, first: u32, bytes: &[u8]) -> Vec<ExportPiece> {
    let size = bytes.len().div_ceil(bytes.len().div_ceil(PIECE_BYTES).max(1)).max(1);
    let pieces = (first..).zip(bytes.chunks(size));
    pieces.map(|(number, bytes)| ExportPiece { export, number, content: STANDARD.encode(bytes) }).collect()
}

/// The bytes of a piece.
pub(in crate::evidence) async fn read_piece(
    store: &impl Store,
    export: ExportId,
    number: u32,
) -> Result<Vec<u8>, Failure> {
    let key = ExportPiece::key_of(export, number);
    let piece = load::<ExportPiece>(store, &key).await?;
    piece.ok_or_else(|| StoreError::Damaged(format!("the piece `{key}` is missing")))?.bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{MAX_COMMIT_BYTES, Moment};
    use crate::time::Timestamp;

    #[test]
    fn pieces_are_all_of_the_bytes_and_fit_a_document() {
        let id = ExportId::new(&Moment::new(Timestamp::from_millisecond(0), [1; 32]), "export", 0);
        for length in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 5 * PIECE_BYTES + 3] {
            let bytes: Vec<u8> = (0..=250).cycle().take(length).collect();
            let pieces = pieces_of(id, 7, &bytes);
            assert_eq!(pieces.len(), length.div_ceil(PIECE_BYTES));
            let mut whole = Vec::new();
            for (piece, number) in pieces.iter().zip(7..) {
                assert_eq!(piece.number, number);
                // The platform keeps the document as a text within a text, beside its key and its commit.
                let document = serde_json::to_string(piece).unwrap();
                assert!(serde_json::to_string(&document).unwrap().len() + 1024 < 240 * 1024);
                assert!(document.len() * super::super::PIECES_AT_ONCE < MAX_COMMIT_BYTES * 3 / 4);
                whole.extend(piece.bytes().unwrap());
            }
            assert!(whole == bytes, "{length}");
        }
    }
}
