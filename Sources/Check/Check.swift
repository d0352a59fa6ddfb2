// Check: what is wrong with a bundle, found without making anything of it.
//
// Lives here: findings; the rules of decoding and planning, applied to the end instead of to the first
// error; looks at the host that create would stumble over; how exposed the host is to a container.
// Never here: an effect. A look opens with O_PATH or reads; it creates, locks and changes nothing.
// Imports: Bytes, JSON, OCISpec, Linux, Diagnosis, Plan, the domains.
