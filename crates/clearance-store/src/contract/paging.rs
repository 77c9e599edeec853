//! Paging: order, bounds, cursors and sparse indexes.

use clearance::ports::{Cursor, Expected, Index, Order, Page, PageQuery, Revision, Store, StoreError, Write};

use super::{BY_GROUP, BY_GROUP_AND_LIMIT, Fixture, NOTE, ORDER, at, is_too_large, note, order, writes};

static GROUP: Index = BY_GROUP;
static GROUP_AND_LIMIT: Index = BY_GROUP_AND_LIMIT;

/// All documents of a kind, or of an index's partition.
fn question(index: Option<(&'static Index, &[&str])>, order: Order, limit: u16) -> PageQuery {
    let kind = if index.is_some() { ORDER } else { NOTE };
    let index =
        index.map(|(index, values)| (index, values.iter().map(|value| (*value).to_owned()).collect()));
    PageQuery { kind, index, from: None, until: None, order, after: None, limit }
}

fn keys(page: &Page) -> Vec<&str> {
    page.rows.iter().map(|row| row.key.as_str()).collect()
}

/// Every key, read page by page; each page but the last is full.
pub async fn walk(store: &impl Store, mut query: PageQuery) -> Result<Vec<String>, StoreError> {
    let mut all = Vec::new();
    loop {
        let page = store.page(query.clone()).await?;
        all.extend(page.rows.iter().map(|row| row.key.clone()));
        match page.next {
            Some(next) => {
                assert_eq!(page.rows.len(), usize::from(query.limit));
                assert_ne!(query.after.as_ref(), Some(&next), "the page after a row ends with the same row");
                query.after = Some(next);
            }
            None => return Ok(all),
        }
    }
}

/// A key, and the attributes of an order.
type Attributed<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>);

async fn put_orders(store: &impl Store, rows: &[Attributed<'_>]) -> Result<(), StoreError> {
    for (key, group, limit, select) in rows {
        store.commit(writes([order(key, *group, *limit, *select)])).await?;
    }
    Ok(())
}

/// Without an index, keys order.
pub async fn whole_kind_pages_by_key(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    for key in ["c", "a", "e", "b", "d"] {
        store.commit(writes([note(key, Expected::Absent, key)])).await?;
    }
    for limit in 1..=6 {
        assert_eq!(walk(&store, question(None, Order::Ascending, limit)).await?, ["a", "b", "c", "d", "e"]);
        assert_eq!(walk(&store, question(None, Order::Descending, limit)).await?, ["e", "d", "c", "b", "a"]);
    }
    let page = store.page(question(None, Order::Ascending, 2)).await?;
    let bodies: Vec<_> = page.rows.iter().map(|row| (row.revision, row.body.as_str())).collect();
    assert_eq!(bodies, [(Revision::FIRST, "a"), (Revision::FIRST, "b")]);
    assert_eq!(page.next, Some(Cursor { range: String::new(), key: "b".into() }));
    Ok(())
}

/// The range value orders, and among equals the key, in both directions.
pub async fn index_orders_by_range_then_key(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    let rows = [("k5", "1"), ("k1", "2"), ("k3", "1"), ("k2", "2"), ("k4", "0"), ("k0", "2")];
    put_orders(&store, &rows.map(|(key, select)| (key, Some("g"), None, Some(select)))).await?;
    let up = ["k4", "k3", "k5", "k0", "k1", "k2"];
    let mut down = up;
    down.reverse();
    for limit in 1..=7 {
        assert_eq!(walk(&store, question(Some((&GROUP, &["g"])), Order::Ascending, limit)).await?, up);
        assert_eq!(walk(&store, question(Some((&GROUP, &["g"])), Order::Descending, limit)).await?, down);
    }
    let page = store.page(question(Some((&GROUP, &["g"])), Order::Ascending, 2)).await?;
    assert_eq!(page.next, Some(Cursor { range: "1".into(), key: "k3".into() }));
    Ok(())
}

/// Only documents whose partition attributes are equal to what is asked for.
pub async fn partitions_keep_apart(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    let rows = [
        ("a", Some("g"), Some("x"), Some("1")),
        ("b", Some("g"), Some("y"), Some("1")),
        ("c", Some("G"), Some("x"), Some("1")),
        ("d", Some(""), Some("x"), Some("1")),
    ];
    put_orders(&store, &rows).await?;
    let walked = async |index, values: &[&str]| {
        walk(&store, question(Some((index, values)), Order::Ascending, 9)).await
    };
    assert_eq!(walked(&GROUP, &["g"]).await?, ["a", "b"]);
    assert_eq!(walked(&GROUP, &[""]).await?, ["d"]);
    assert_eq!(walked(&GROUP_AND_LIMIT, &["g", "x"]).await?, ["a"]);
    assert_eq!(walked(&GROUP_AND_LIMIT, &["G", "x"]).await?, ["c"]);
    assert!(walked(&GROUP_AND_LIMIT, &["x", "g"]).await?.is_empty());
    Ok(())
}

/// `None` in any attribute of an index keeps a document out of it, but not out of others.
pub async fn documents_without_an_attribute_are_not_in_the_index(
    fixture: &impl Fixture,
) -> Result<(), StoreError> {
    let store = fixture.open();
    let rows = [
        ("all", Some("g"), Some("l"), Some("1")),
        ("no-range", Some("g"), Some("l"), None),
        ("no-limit", Some("g"), None, Some("2")),
        ("no-group", None, Some("l"), Some("3")),
        ("nothing", None, None, None),
    ];
    put_orders(&store, &rows).await?;
    for direction in [Order::Ascending, Order::Descending] {
        let mut found = walk(&store, question(Some((&GROUP, &["g"])), direction, 2)).await?;
        found.sort();
        assert_eq!(found, ["all", "no-limit"]);
        assert_eq!(
            walk(&store, question(Some((&GROUP_AND_LIMIT, &["g", "l"])), direction, 2)).await?,
            ["all"]
        );
    }
    let everything = PageQuery { kind: ORDER, ..question(None, Order::Ascending, 2) };
    assert_eq!(walk(&store, everything).await?.len(), 5);
    Ok(())
}

/// `from` is taken, `until` is not, in both directions and on every page.
pub async fn bounds_are_inclusive_and_exclusive(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    let rows = [("a", "1"), ("b", "2"), ("c", "2"), ("d", "3"), ("e", "4")];
    put_orders(&store, &rows.map(|(key, select)| (key, Some("g"), None, Some(select)))).await?;
    let cases: [(Option<&str>, Option<&str>, &[&str]); 7] = [
        (Some("2"), Some("4"), &["b", "c", "d"]),
        (Some("2"), None, &["b", "c", "d", "e"]),
        (None, Some("2"), &["a"]),
        (Some("2"), Some("2"), &[]),
        (Some("3"), Some("2"), &[]),
        (Some("0"), Some("9"), &["a", "b", "c", "d", "e"]),
        (Some("5"), None, &[]),
    ];
    for (from, until, expected) in cases {
        for limit in 1..=6 {
            let bounded = |direction| PageQuery {
                from: from.map(str::to_owned),
                until: until.map(str::to_owned),
                ..question(Some((&GROUP, &["g"])), direction, limit)
            };
            assert_eq!(walk(&store, bounded(Order::Ascending)).await?, expected);
            let mut down = walk(&store, bounded(Order::Descending)).await?;
            down.reverse();
            assert_eq!(down, expected);
        }
    }
    Ok(())
}

/// The same for keys.
pub async fn key_bounds_are_inclusive_and_exclusive(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    for key in ["a", "b", "c", "d"] {
        store.commit(writes([note(key, Expected::Absent, "{}")])).await?;
    }
    for limit in 1..=4 {
        let bounded = |direction| PageQuery {
            from: Some("b".into()),
            until: Some("d".into()),
            ..question(None, direction, limit)
        };
        assert_eq!(walk(&store, bounded(Order::Ascending)).await?, ["b", "c"]);
        assert_eq!(walk(&store, bounded(Order::Descending)).await?, ["c", "b"]);
    }
    Ok(())
}

/// Order is that of UTF-8 bytes, never of a language.
pub async fn text_is_ordered_by_its_bytes(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    let mut texts = [
        "", "A", "B", "Z", "a", "aa", "b", "z", "ä", "é", "ı", "ß", "Ω", "中", "\u{ffff}", "😀", "~", " ",
        "-",
    ];
    for text in texts {
        let both = [note(text, Expected::Absent, "{}"), order(text, Some("é"), None, Some(text))];
        store.commit(writes(both)).await?;
    }
    texts.sort_unstable();
    assert_eq!(walk(&store, question(None, Order::Ascending, 4)).await?, texts);
    assert_eq!(walk(&store, question(Some((&GROUP, &["é"])), Order::Ascending, 4)).await?, texts);
    texts.reverse();
    assert_eq!(walk(&store, question(None, Order::Descending, 4)).await?, texts);
    assert_eq!(walk(&store, question(Some((&GROUP, &["é"])), Order::Descending, 4)).await?, texts);
    Ok(())
}

/// A cursor is a place, not a row: it works when its row is gone.
pub async fn cursor_outlives_its_row(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    let rows = [("a", "1"), ("b", "1"), ("c", "2"), ("d", "3")];
    put_orders(&store, &rows.map(|(key, select)| (key, Some("g"), None, Some(select)))).await?;
    let query = question(Some((&GROUP, &["g"])), Order::Ascending, 2);
    let first = store.page(query.clone()).await?;
    assert_eq!(keys(&first), ["a", "b"]);
    store.commit(writes([Write::Delete { kind: ORDER, key: "b".into(), expected: Revision::FIRST }])).await?;
    let second = store.page(PageQuery { after: first.next, ..query }).await?;
    assert_eq!(keys(&second), ["c", "d"]);
    Ok(())
}

/// Whoever pages sees each row that was there from the beginning exactly once, whatever is inserted meanwhile.
pub async fn rows_inserted_while_paging_disturb_nothing(fixture: &impl Fixture) -> Result<(), StoreError> {
    for direction in [Order::Ascending, Order::Descending] {
        let store = fixture.open();
        let run = format!("{direction:?}");
        let old: Vec<String> = (0..20).map(|number| format!("old-{number:02}")).collect();
        for (number, key) in old.iter().enumerate() {
            store.commit(writes([order(key, Some(&run), None, Some(&format!("{:02}", number / 3)))])).await?;
        }
        let mut query = question(Some((&GROUP, &[&run])), direction, 3);
        let mut seen = Vec::new();
        for round in 0.. {
            let page = store.page(query.clone()).await?;
            seen.extend(page.rows.into_iter().map(|row| row.key));
            let Some(next) = page.next else { break };
            for place in ["00", "03", "06"] {
                let key = format!("new-{run}-{round}-{place}");
                store.commit(writes([order(&key, Some(&run), None, Some(place))])).await?;
            }
            query.after = Some(next);
        }
        let mut seen_old: Vec<_> = seen.iter().filter(|key| key.starts_with("old")).cloned().collect();
        if direction == Order::Descending {
            seen_old.reverse();
        }
        assert_eq!(seen_old, old);
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), seen.len());
        for key in old {
            store.commit(writes([Write::Delete { kind: ORDER, key, expected: Revision::FIRST }])).await?;
        }
    }
    Ok(())
}

/// Cursors come from outside: one that was made up reaches nothing that the question does not.
pub async fn made_up_cursor_stays_within_the_bounds(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    let rows = [("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")];
    put_orders(&store, &rows.map(|(key, select)| (key, Some("g"), None, Some(select)))).await?;
    put_orders(&store, &[("z", Some("other"), None, Some("2"))]).await?;
    let bounded = |direction, range: &str, key: &str| PageQuery {
        from: Some("2".into()),
        until: Some("4".into()),
        after: Some(Cursor { range: range.into(), key: key.into() }),
        ..question(Some((&GROUP, &["g"])), direction, 9)
    };
    for (range, key) in [("", ""), ("0", "zzz"), ("1", "zzz"), ("2", "")] {
        assert_eq!(keys(&store.page(bounded(Order::Ascending, range, key)).await?), ["b", "c"]);
        assert!(store.page(bounded(Order::Descending, range, key)).await?.rows.is_empty());
    }
    for (range, key) in [("4", ""), ("4", "d"), ("4", "zzz"), ("9", "zzz"), ("\u{10ffff}", "")] {
        assert_eq!(keys(&store.page(bounded(Order::Descending, range, key)).await?), ["c", "b"]);
        assert!(store.page(bounded(Order::Ascending, range, key)).await?.rows.is_empty());
    }
    Ok(())
}

/// Indexes follow the attributes of the newest revision.
pub async fn revised_document_moves_in_its_indexes(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    put_orders(&store, &[("a", Some("g"), None, Some("1")), ("b", Some("g"), None, Some("2"))]).await?;
    let revise = |revision, group: Option<&str>, select: &str| {
        let attributes = vec![group.map(str::to_owned), None, Some(select.to_owned())];
        writes([Write::Put {
            kind: ORDER,
            key: "a".into(),
            expected: at(revision),
            body: "{}".into(),
            attributes,
        }])
    };
    let walked =
        async |group: &str| walk(&store, question(Some((&GROUP, &[group])), Order::Ascending, 9)).await;
    store.commit(revise(1, Some("g"), "3")).await?;
    assert_eq!(walked("g").await?, ["b", "a"]);
    store.commit(revise(2, Some("h"), "3")).await?;
    assert_eq!((walked("g").await?, walked("h").await?), (vec!["b".into()], vec!["a".into()]));
    store.commit(revise(3, None, "3")).await?;
    assert!(walked("h").await?.is_empty());
    Ok(())
}

/// A page that ends with the last row says so, even when it is full.
pub async fn last_page_has_no_next(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    assert_eq!(store.page(question(None, Order::Ascending, 2)).await?, Page { rows: Vec::new(), next: None });
    for key in ["a", "b"] {
        store.commit(writes([note(key, Expected::Absent, "{}")])).await?;
    }
    let full = store.page(question(None, Order::Ascending, 2)).await?;
    assert_eq!((full.rows.len(), full.next), (2, None));
    Ok(())
}

/// A question must give one value for each partition attribute.
pub async fn partition_values_must_fit(fixture: &impl Fixture) -> Result<(), StoreError> {
    let store = fixture.open();
    for values in [&[][..], &["a"], &["a", "b", "c"]] {
        let query = question(Some((&GROUP_AND_LIMIT, values)), Order::Ascending, 1);
        assert!(is_too_large(&store.page(query).await));
    }
    Ok(())
}
