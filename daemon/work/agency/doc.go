// Package agency is what desks of one agency tell each other: whose a client is, who was in touch, hand-overs. It
// looks at other desks, and writes on its own only.
package agency
