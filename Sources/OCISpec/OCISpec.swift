// OCISpec: the documents of the OCI runtime specification 1.3, as values.
//
// Lives here: `config.json`, State and Features one to one, their JSON keys, the widths, required
// members and bounds that concern one member alone, and errors that name a member by its JSON
// pointer.
// Never here: a system call, a kernel flag, a table of what an enumerated string means, a rule that
// joins two members. Those belong to the domains and to Plan.
// Imports: Bytes, JSON.
