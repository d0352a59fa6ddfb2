// Plan: a container before it exists, as a value.
//
// Lives here: the plans of `create` and `exec`, composed of the domains' plans; the order of their
// steps, in one function each; the rules that concern more than one domain; the plan as text.
// Never here: an effect. A plan is a function of the configuration, the options and the facts of the
// host.
// Imports: Bytes, CRIU (for the types of its options), OCISpec, Linux (for its types), the domains.
