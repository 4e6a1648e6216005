package facts

// EntryField is for tests.
const EntryField = entryField
