package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Role is what a contact is to the desk. Roles are a set: a hiring manager can be a candidate too.
type Role string

// The roles.
const (
	RoleDecisionMaker Role = "decision_maker"
	RoleClient        Role = "client"
	RoleCandidate     Role = "candidate"
	RoleHR            Role = "hr"
	RoleAssistant     Role = "assistant"
	RoleOther         Role = "other"
	RoleNone          Role = "none" // named by the recruiter as not a contact at all
)

// AllRoles are the roles in the order in which they are listed.
func AllRoles() []Role {
	return []Role{RoleDecisionMaker, RoleClient, RoleCandidate, RoleHR, RoleAssistant, RoleOther, RoleNone}
}

// ParseRole reads a role, also as people write it ("DM", "decision maker", "PA").
func ParseRole(s string) (Role, error) {
	key := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(s)))
	switch key {
	case "dm", "decisionmaker", "hiring_manager":
		return RoleDecisionMaker, nil
	case "cand":
		return RoleCandidate, nil
	case "pa", "ea", "gatekeeper":
		return RoleAssistant, nil
	}
	if slices.Contains(AllRoles(), Role(key)) {
		return Role(key), nil
	}
	return "", fmt.Errorf("%q is not a role; roles are decision_maker, client, candidate, hr, assistant, other, none", s)
}

// Status is whether a contact can be contacted.
type Status string

// The states of a contact.
const (
	StatusActive       Status = "active"
	StatusDoNotContact Status = "do_not_contact"
	StatusBounced      Status = "bounced"
	StatusLeft         Status = "left"
)

// Contact is a person on the desk.
type Contact struct {
	ID      string            `json:"id"`
	Emails  []string          `json:"emails,omitempty"` // canonical; the first is the primary one
	Name    string            `json:"name,omitempty"`
	Company string            `json:"company,omitempty"`
	Title   string            `json:"title,omitempty"`
	Phone   string            `json:"phone,omitempty"`
	Roles   []Role            `json:"roles,omitempty"`
	Status  Status            `json:"status"`
	Notes   []string          `json:"notes,omitempty"`
	Fields  map[string]string `json:"fields,omitempty"` // imported columns that nothing else holds
	Source  string            `json:"source,omitempty"` // mail, import, shell

	BadEmails   []string `json:"bad_emails,omitempty"` // mail to these comes back
	SoftBounces []Bounce `json:"soft_bounces,omitempty"`
	Away        Date     `json:"away,omitzero"` // first working day back, as an auto-reply told

	NameRank int       `json:"name_rank,omitempty"` // how good the name's origin is: see BetterName
	DMSince  time.Time `json:"dm_since,omitzero"`   // when the contact became a decision maker
	Merged   []string  `json:"merged,omitempty"`    // IDs of contacts merged into this one
	Into     string    `json:"into,omitempty"`      // the contact this one was merged into

	Placed   Date         `json:"placed,omitzero"`    // the first day of the latest placement
	Referral *Referral    `json:"referral,omitempty"` // of a lead that somebody named
	Past     []Employment `json:"past,omitempty"`     // earlier employers, the latest last
}

// Clone is a copy that shares nothing with the contact; nil of nil.
func (c *Contact) Clone() *Contact {
	if c == nil {
		return nil
	}
	out := *c
	out.Emails, out.Roles, out.Notes = slices.Clone(c.Emails), slices.Clone(c.Roles), slices.Clone(c.Notes)
	out.Fields = maps.Clone(c.Fields)
	out.BadEmails, out.SoftBounces = slices.Clone(c.BadEmails), slices.Clone(c.SoftBounces)
	out.Merged, out.Past = slices.Clone(c.Merged), slices.Clone(c.Past)
	if c.Referral != nil {
		r := *c.Referral
		out.Referral = &r
	}
	return &out
}

// ContactID is the ID of the contact first known by key: an address, or name and phone.
// It is derived, so that the same mailbox gives the same IDs in whatever order it is read.
func ContactID(key string) string { return "c-" + ShortHash("contact", key) }

// ShortHash is a 96-bit hash of parts in hex, for derived identifiers.
func ShortHash(parts ...string) string {
	var b []byte
	for _, p := range parts {
		b = strconv.AppendInt(b, int64(len(p)), 10)
		b = append(append(b, ':'), p...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}

// Email is the primary address, or empty.
func (c *Contact) Email() string {
	if len(c.Emails) == 0 {
		return ""
	}
	return c.Emails[0]
}

// Has reports whether the contact has the role.
func (c *Contact) Has(r Role) bool { return slices.Contains(c.Roles, r) }

// SetRoles replaces the roles and notes since when the contact is a decision maker.
func (c *Contact) SetRoles(roles []Role, now time.Time) {
	was := c.Has(RoleDecisionMaker)
	c.Roles = nil
	for _, r := range AllRoles() {
		if slices.Contains(roles, r) {
			c.Roles = append(c.Roles, r)
		}
	}
	switch is := c.Has(RoleDecisionMaker); {
	case is && !was:
		c.DMSince = now
	case !is:
		c.DMSince = time.Time{}
	}
}

// AddRole adds one role to the set. "none" stands alone, and leaves when another role comes.
func (c *Contact) AddRole(r Role, now time.Time) {
	if r == RoleNone {
		c.SetRoles([]Role{RoleNone}, now)
		return
	}
	roles := slices.DeleteFunc(slices.Clone(c.Roles), func(x Role) bool { return x == RoleNone })
	c.SetRoles(append(roles, r), now)
}

// Callable reports whether anybody should be reminded to call the contact.
func (c *Contact) Callable() bool {
	return c.Into == "" && c.Status != StatusDoNotContact && c.Status != StatusLeft && !c.Has(RoleNone)
}

// OwesCycle reports whether the contact must always have an open callback: every decision
// maker, and everybody who was placed, unless do-not-contact, left or merged away.
func (c *Contact) OwesCycle() bool {
	return (c.Has(RoleDecisionMaker) || !c.Placed.IsZero()) && c.Callable()
}

// DisplayName is the name, or else the address or phone number.
func (c *Contact) DisplayName() string {
	switch {
	case c.Name != "":
		return c.Name
	case len(c.Emails) > 0:
		return c.Emails[0]
	}
	return c.Phone
}

// How good the origin of a contact's name is.
const (
	nameFromTo   = 1 // what the recruiter's program put into To
	nameFromFrom = 2 // what the person's own program puts into From
	nameGiven    = 3 // typed or imported by the recruiter
)

// GiveName sets a name that the recruiter typed or imported; mail never overrules it.
func (c *Contact) GiveName(name string) {
	if name = GivenFirst(Tidy(name)); name != "" {
		c.Name, c.NameRank = name, nameGiven
	}
}

// Tidy folds white space and drops control characters, so that no text from outside can
// steer a terminal or break a line; texts are bounded.
func Tidy(s string) string {
	if len(s) > 20_000 {
		s = strings.ToValidUTF8(s[:20_000], "")
	}
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200d' {
			return ' '
		}
		return r
	}, s)), " ")
}

// OfferName takes a display name seen in mail if it is better than the one known, and
// reports whether it did. Which of two names wins depends on the names alone, never on
// the order in which mail is read.
func (c *Contact) OfferName(name string, fromThePerson bool) bool {
	name = CleanName(name)
	if name == "" || c.NameRank == nameGiven {
		return false
	}
	rank := nameFromTo
	if fromThePerson {
		rank = nameFromFrom
	}
	if !betterName(name, rank, c.Name, c.NameRank) {
		return false
	}
	c.Name, c.NameRank = name, rank
	return true
}

func betterName(a string, aRank int, b string, bRank int) bool {
	if qa, qb := nameQuality(a), nameQuality(b); qa != qb {
		return qa > qb
	}
	if aRank != bRank {
		return aRank > bRank
	}
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a < b
}

// nameQuality: 2 for what looks like a full name, 1 for a single word, 0 for none.
func nameQuality(s string) int {
	switch {
	case s == "":
		return 0
	case strings.Contains(s, " "):
		return 2
	}
	return 1
}

// CleanName tidies a display name: quotes off, white space folded, "Doe, Jane" turned
// round, control characters dropped. An address in place of a name gives "".
func CleanName(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, s)
	s = strings.Trim(strings.Join(strings.Fields(s), " "), `'" `)
	if strings.ContainsAny(s, "@<>") || len(s) > 200 {
		return ""
	}
	return GivenFirst(s)
}

// GivenFirst turns a name as address books sort it, "Bell, Ann", into the one that is said. What stands behind a comma and is no name, as in
// "Acme, Inc" and "Ann Bell, PhD", stays.
func GivenFirst(name string) string {
	last, first, ok := strings.Cut(name, ", ")
	if !ok || strings.ContainsFunc(name, noName) || strings.Contains(first, ",") || len(strings.Fields(first)) > 2 || behindNames[strings.ToLower(strings.Trim(first, ". "))] {
		return name
	}
	words := 0
	for _, w := range strings.Fields(last) {
		if c, _ := utf8.DecodeRuneInString(w); !unicode.IsLower(c) { // "van der Berg" is one
			words++
		}
	}
	if words > 2 || words == 0 {
		return name
	}
	return strings.TrimSpace(first) + " " + strings.TrimSpace(last)
}

// noName reports whether a letter stands in no person's name: what has one is something else, and isn't turned about.
func noName(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !strings.ContainsRune(" ,.-'’", r)
}

// behindNames are what stands behind a comma in names of firms and people, and is no given name.
var behindNames = map[string]bool{
	"inc": true, "ltd": true, "llc": true, "llp": true, "plc": true, "gmbh": true, "ag": true, "se": true, "kg": true, "sa": true, "srl": true, "bv": true, "nv": true, "ab": true, "as": true, "co": true, "corp": true,
	"jr": true, "sr": true, "ii": true, "iii": true, "phd": true, "md": true, "mba": true, "cpa": true, "esq": true, "msc": true, "bsc": true, "pmp": true, "cfa": true, "fcca": true, "aca": true, "acca": true, "cipd": true, "rn": true,
}

// AddEmail adds an address if it is new to the contact.
func (c *Contact) AddEmail(addr string) {
	if addr != "" && !slices.Contains(c.Emails, addr) {
		c.Emails = append(c.Emails, addr)
	}
}

// AddNote adds a note if the contact hasn't got it yet.
func (c *Contact) AddNote(note string) {
	if note = Tidy(note); note != "" && !slices.Contains(c.Notes, note) {
		c.Notes = append(c.Notes, note)
	}
}

// domainOf is the part of an address behind the "@", in lower case.
func domainOf(addr string) string {
	_, d, _ := strings.Cut(addr, "@")
	return lower(d)
}

func lower(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// Is reports whether the ID is this contact's, or one's that was merged into it.
func (c *Contact) Is(id string) bool { return c.ID == id || slices.Contains(c.Merged, id) }
