//! Files for spreadsheets: [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180), in which no cell is a formula.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula and may run it. Such a cell gets
//! an apostrophe before it, as [OWASP](https://owasp.org/www-community/attacks/CSV_Injection) advises, and every cell is quoted, so that no
//! separator of any country begins a new one.

/// Writes one row.
pub fn write_row<C: AsRef<str>>(out: &mut Vec<u8>, cells: impl IntoIterator<Item = C>) {
    for (number, cell) in cells.into_iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        write_cell(out, cell.as_ref());
    }
    out.extend_from_slice(b"\r\n");
}

fn write_cell(out: &mut Vec<u8>, cell: &str) {
    out.push(b'"');
    // What looks like a space may be skipped by the spreadsheet before it looks at the rest.
    let first =
        cell.trim_start_matches(|character: char| character.is_whitespace() && !"\t\r\n".contains(character));
    if first
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
    {
        out.push(b'\'');
    }
    for byte in cell.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\"\""),
            // A NUL ends the cell for some programs.
            0 => out.push(b' '),
            other => out.push(other),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> String {
        let mut out = Vec::new();
        write_row(&mut out, cells);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn no_cell_is_a_formula_or_leaves_its_place() {
        assert_eq!(row(&["a", "1", ""]), "\"a\",\"1\",\"\"\r\n");
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u{a0}=1", "＝1"] {
            assert_eq!(row(&[formula]), format!("\"'{formula}\"\r\n"));
        }
        assert_eq!(row(&["say \"hi\", you\n=there"]), "\"say \"\"hi\"\", you\n=there\"\r\n");
        assert_eq!(row(&["\"=1"]), "\"\"\"=1\"\r\n");
        assert_eq!(row(&["a\0b"]), "\"a b\"\r\n");
    }
}
