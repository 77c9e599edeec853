//! Who works at the demonstration company, what they look after, and what they say.

/// Groups besides those that every site has.
pub(super) const GROUPS: &[&str] =
    &["Engineering", "Design", "Marketing", "Sales", "Support", "Legal", "Finance"];

/// Name, role, groups.
pub(super) const PEOPLE: &[(&str, &str, &[&str])] = &[
    ("Ada Okafor", "administrator", &["Administrators"]),
    ("Bruno Keller", "administrator", &["Administrators", "Engineering"]),
    ("Chiara Rossi", "member", &["Security"]),
    ("Dmitri Volkov", "member", &["Security", "Engineering"]),
    ("Elena Petrova", "member", &["Engineering"]),
    ("Farid Haddad", "member", &["Design"]),
    ("Grace Mbeki", "member", &["Marketing"]),
    ("Hiro Tanaka", "member", &["Engineering"]),
    ("Ines Moreau", "member", &["Legal"]),
    ("Jonas Lindqvist", "member", &["Sales"]),
    ("Katarzyna Nowak", "member", &["Support"]),
    ("Liam O'Connor", "member", &["Engineering"]),
    ("Maya Sharma", "member", &["Marketing"]),
    ("Noor Al-Amin", "member", &["Finance"]),
    ("Oskar Weber", "member", &["Engineering"]),
    ("Priya Nair", "member", &["Design"]),
    ("Quentin Dubois", "member", &["Sales"]),
    ("Rosa Jimenez", "member", &["Support"]),
    ("Samuel Adeyemi", "member", &["Engineering"]),
    ("Tove Hansen", "member", &["Marketing"]),
    ("Umar Sheikh", "auditor", &[]),
    ("Vera Horvat", "member", &["Engineering"]),
    ("Wei Chen", "member", &["Finance"]),
    ("Xenia Kovac", "member", &["Sales"]),
];

/// Tools that are asked for most: name, the place of its owner among [`PEOPLE`], whether seats are given by hand, status.
pub(super) const OWNED: &[(&str, usize, bool, &str)] = &[
    ("ChatGPT Enterprise", 1, false, "requestable"),
    ("GitHub Copilot Business", 4, false, "requestable"),
    ("Claude Team", 7, false, "requestable"),
    ("Microsoft 365 Copilot Chat", 0, false, "requestable"),
    ("Claude Code", 4, true, "requestable"),
    ("Adobe Firefly", 5, false, "requestable"),
    ("DeepL Pro", 8, false, "requestable"),
    ("Perplexity Enterprise", 6, true, "requestable"),
    ("OpenAI API", 3, true, "requestable"),
    ("Otter.ai", 9, true, "requestable"),
    ("Elicit", 8, false, "requestable"),
    ("Cursor", 4, false, "requestable"),
    ("Glean", 1, false, "requestable"),
    ("Midjourney", 5, false, "suspended"),
    ("Devin", 3, false, "draft"),
];

/// What people want a tool for.
pub(super) const PURPOSES: &[&str] = &[
    "Draft release notes and customer announcements from our own change list.",
    "Review pull requests of the calibration firmware before a person does.",
    "Translate the service handbook into German and Polish.",
    "Summarize public standards documents for the certification team.",
    "Write unit tests for the reporting service.",
    "Sketch campaign images for the spring trade fair.",
    "Find published studies on sensor drift for the white paper.",
    "Take notes in internal planning meetings; everybody present is asked first.",
    "Prototype a search over our public support articles.",
    "Prepare first drafts of tender answers without customer names.",
    "Explain legacy scripts before we replace them.",
    "Turn interview notes without names into themes.",
];

/// Why approvers say yes.
pub(super) const REASONS: &[&str] = &[
    "Fits the purpose, and no customer data is involved.",
    "Agreed with the team lead.",
    "The settings were checked: training is off and sign-in goes through us.",
    "Approved for the project's duration.",
    "Cheaper than the tool they use now, same data.",
];

/// What approvers ask.
pub(super) const QUESTIONS: &[&str] = &[
    "Will any customer text be put in?",
    "Which repository is this for?",
    "Could the tool you have already not do this?",
];
