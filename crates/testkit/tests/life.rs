//! The whole life of access on every host: each scenario of `testkit::life` in memory, on SQLite, and inside Forge.

macro_rules! on_our_own {
    ($scenario:ident) => {
        #[test]
        fn $scenario() {
            testkit::life::$scenario(&STAGE());
        }
    };
}

macro_rules! inside_forge {
    ($scenario:ident) => {
        #[test]
        #[ignore = "needs the app, built: run by `cargo xtask test --only forge`"]
        fn $scenario() {
            testkit::life::$scenario(&testkit::stage::ForgeStage::new());
        }
    };
}

mod in_memory {
    use testkit::stage::SelfHosted;

    const STAGE: fn() -> SelfHosted = SelfHosted::in_memory;
    testkit::every_scenario!(on_our_own);
}

mod on_sqlite {
    use testkit::stage::SelfHosted;

    const STAGE: fn() -> SelfHosted = SelfHosted::on_disk;
    testkit::every_scenario!(on_our_own);
}

mod forge {
    testkit::every_scenario!(inside_forge);
}
