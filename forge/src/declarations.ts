// What src/generated/declarations.ts holds: crates/clearance-forge/examples/declarations.rs prints it, and nothing of it is written by hand.

/** A kind of document with its indexes, in the order in which they have their slots. */
export interface Kind {
  name: string;
  attributes: readonly string[];
  indexes: readonly { name: string; partition: readonly string[]; range: string }[];
}

export interface Declarations {
  kinds: readonly Kind[];
  operations: {
    /** What each of the functions that browsers reach lets through. */
    admin: readonly string[];
    app: readonly string[];
    portal: readonly string[];
    /** What makes it worth asking Jira whether the caller is an auditor. */
    auditor: readonly string[];
    /** What a lapsed licence of the app stops. */
    new_requests: readonly string[];
  };
}
