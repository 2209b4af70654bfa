package desk

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// InterviewKind is how an interview is held.
type InterviewKind string

// The kinds.
const (
	KindUnknown  InterviewKind = ""
	KindPhone    InterviewKind = "phone"
	KindVideo    InterviewKind = "video"
	KindInPerson InterviewKind = "in-person"
)

// Fact names something that has to be known of an interview; the words are those of replies.
type Fact string

// The facts without which no prep letter goes out (DOMAIN.md, section 3).
const (
	FactKind        Fact = "kind"
	FactTime        Fact = "time"
	FactPlace       Fact = "place"
	FactInterviewer Fact = "interviewer"
)

// RequiredFacts are those that a template can ask for.
func RequiredFacts() []Fact { return []Fact{FactKind, FactTime, FactPlace, FactInterviewer} }

// Ask says how a missing fact is given by reply.
func (f Fact) Ask(kind InterviewKind) (what, reply string) {
	switch f {
	case FactKind:
		return "whether it is by phone, by video or in person", "phone"
	case FactTime:
		return "its time and zone", "TUE 3PM"
	case FactInterviewer:
		return "the interviewer's name", "interviewer NAME"
	case FactPlace:
		switch kind {
		case KindPhone:
			return "the number to call", "number +44 …"
		case KindVideo:
			return "the link", "link https://…"
		}
		return "the address", "address …"
	}
	return string(f), string(f) + " …"
}

// Interviewer is somebody at the client who asks.
type Interviewer struct {
	Name  string `json:"name"`
	Title string `json:"title,omitempty"`
	Email string `json:"email,omitempty"`
}

// InterviewStatus is where an interview stands.
type InterviewStatus string

// The states. Only of one that stands are letters written and calls made.
const (
	InterviewStands       InterviewStatus = "stands"
	InterviewAsked        InterviewStatus = "asked"        // something has to be settled by the recruiter first
	InterviewRegistration InterviewStatus = "registration" // no client takes part: a screening call
	InterviewCancelled    InterviewStatus = "cancelled"
	InterviewAttended     InterviewStatus = "attended"
	InterviewMissed       InterviewStatus = "no-show"
	InterviewEnded        InterviewStatus = "ended" // an offer, a no, a withdrawal: nobody waits any more
)

// Interview is a candidate's meeting with a client.
type Interview struct {
	ID         string            `json:"id"`
	UID        string            `json:"uid,omitempty"` // of the invitation; "" if the recruiter told of it
	Candidate  string            `json:"candidate,omitempty"`
	Client     string            `json:"client,omitempty"` // contact at the client, "" if not known
	Company    string            `json:"company,omitempty"`
	Order      int               `json:"order,omitempty"`
	Kind       InterviewKind     `json:"kind,omitempty"`
	Start      time.Time         `json:"start"`
	End        time.Time         `json:"end"`
	Zone       string            `json:"zone,omitempty"`     // IANA name, as the invitation tells
	Floating   bool              `json:"floating,omitempty"` // the invitation tells no zone, or no time
	Who        []Interviewer     `json:"who,omitempty"`
	Facts      map[string]string `json:"facts,omitempty"` // address, link, number, room, parking …
	Summary    string            `json:"summary,omitempty"`
	Status     InterviewStatus   `json:"status"`
	Question   string            `json:"question,omitempty"` // of an asked one
	Choices    []string          `json:"choices,omitempty"`  // addresses of whom it may be
	People     []string          `json:"people,omitempty"`   // addresses of everybody from outside on the invitation
	Organizer  string            `json:"organizer,omitempty"`
	Sequence   int               `json:"sequence"` // of the invitation (RFC 5545, 3.8.7.4)
	Stamp      time.Time         `json:"stamp,omitzero"`
	Trusted    bool              `json:"trusted,omitempty"`   // the recruiter told it, or her server vouches for the invitation's sender
	Occurrence time.Time         `json:"occurrence,omitzero"` // RECURRENCE-ID: the time of the series that it stands for; zero for none
	MessageID  string            `json:"message_id,omitempty"`
	Confirmed  time.Time         `json:"confirmed"`
	Modified   time.Time         `json:"modified"`
	Version    int               `json:"version"`             // raised when the candidate has to be told: time, place, kind, off or on again
	Edition    int               `json:"edition"`             // raised when anything is known better
	Instead    string            `json:"instead,omitempty"`   // ID of one that was cancelled just before, of which this is the new date
	RawStart   string            `json:"raw_start,omitempty"` // the start as the invitation gives it
	RawPlace   string            `json:"raw_place,omitempty"` // likewise, place and links
	Moved      int               `json:"moved,omitempty"`     // the version with which it came to another time, came back, or became another's
	Off        int               `json:"off,omitempty"`       // the version with which it was off
	ByWord     bool              `json:"by_word,omitempty"`   // the recruiter said that it is off, or none: no invitation changes that
}

// InterviewID is the ID of the interview in an invitation, by its UID and occurrence.
func InterviewID(parts ...string) string {
	return "v-" + ShortHash(append([]string{"interview"}, parts...)...)
}

// Active reports whether something may still be due because of the interview.
func (iv *Interview) Active() bool {
	return iv.Status == InterviewStands || iv.Status == InterviewAttended
}

// Location is the candidate's zone, as far as it is known; else def.
func (iv *Interview) Location(def *time.Location) *time.Location {
	if iv.Zone != "" {
		if z, err := time.LoadLocation(iv.Zone); err == nil {
			return z
		}
	}
	return def
}

// Fact is a fact by its name.
func (iv *Interview) Fact(name string) string { return iv.Facts[name] }

// Place is where it is held, or how it is joined.
func (iv *Interview) Place() string {
	order := map[InterviewKind][]string{
		KindPhone: {"number", "link"}, KindVideo: {"link", "number"}, KindInPerson: {"address"}, KindUnknown: {"address", "link", "number"},
	}[iv.Kind]
	for _, n := range order {
		if v := iv.Facts[n]; v != "" {
			return v
		}
	}
	return ""
}

// SetFact takes a fact as the recruiter writes it: "interviewer Dana Reed, CTO". ok is false if the name isn't one.
func (iv *Interview) SetFact(name, value string) (ok bool) {
	value = strings.Trim(Tidy(value), " .")
	if value == "" {
		return false
	}
	if iv.Facts == nil {
		iv.Facts = map[string]string{}
	}
	switch name {
	case "interviewer", "interviewers":
		iv.Who = addInterviewer(iv.Who, value)
	case "kind":
		k := KindOf(value, "", "", "")
		if k == KindUnknown {
			return false
		}
		iv.Kind = k
	case "address", "link", "number", "room", "parking", "entry", "dress", "tests", "bring", "salary", "title", "format":
		iv.Facts[name] = value
		iv.kindFromFact(name)
	default:
		return false
	}
	return true
}

// kindFromFact takes the kind from the place that was told, where nothing else tells it.
func (iv *Interview) kindFromFact(name string) {
	if iv.Kind != KindUnknown {
		return
	}
	switch name {
	case "address":
		iv.Kind = KindInPerson
	case "link":
		iv.Kind = KindVideo
	case "number":
		iv.Kind = KindPhone
	}
}

var andRE = regexp.MustCompile(`\s+(?:and|und|&)\s+|\s*;\s*`)

// addInterviewer reads "Dana Reed, CTO and Tom Price"; whoever is there already gets the title.
func addInterviewer(who []Interviewer, text string) []Interviewer {
	for _, part := range andRE.Split(text, -1) {
		name, title, _ := strings.Cut(part, ",")
		w := Interviewer{Name: Tidy(strings.Trim(name, " .")), Title: Tidy(title)}
		if w.Name == "" {
			continue
		}
		if i := slices.IndexFunc(who, func(x Interviewer) bool { return strings.EqualFold(x.Name, w.Name) }); i >= 0 {
			if w.Title != "" {
				who[i].Title = w.Title
			}
			continue
		}
		who = append(who, w)
	}
	return who
}

var (
	phoneWordRE  = regexp.MustCompile(`(?i)\b(phone|telephone|telefon\w*|tel\.? ?interview|by call|call[- ]in|dial|anruf|téléphon\w*|teléfono|telefónic\w*|telefonisch\w*)\b`)
	videoWordRE  = regexp.MustCompile(`(?i)\b(video\w*|zoom|teams|google meet|webex|skype|online|remote|virtual|whereby|visio\w*|hangouts?)\b`)
	personWordRE = regexp.MustCompile(`(?i)\b(in[- ]person|face[- ]to[- ]face|f2f|on[- ]?site|at (?:our|the|their) office|vor ort|persönlich\w*|sur place|presencial\w*|in our offices?)\b`)
)

// KindOf reads phone, video or in person from words, the place, a conference's link and a number to dial.
func KindOf(words, place, link, number string) InterviewKind {
	placeIsLink := isLink(place)
	switch {
	case personWordRE.MatchString(words):
		return KindInPerson
	case phoneWordRE.MatchString(words) && !videoWordRE.MatchString(words):
		return KindPhone
	case link != "", placeIsLink, videoWordRE.MatchString(place):
		return KindVideo
	case phoneWordRE.MatchString(place), number != "" && (place == "" || strings.Contains(Digits(place), Digits(number))):
		return KindPhone
	case place != "":
		return KindInPerson
	case videoWordRE.MatchString(words):
		return KindVideo
	case phoneWordRE.MatchString(words):
		return KindPhone
	}
	return KindUnknown
}

var webRE = regexp.MustCompile(`(?i)^https?://[^\s/]+`)

func isLink(s string) bool {
	return webRE.MatchString(strings.TrimSpace(s))
}

// Told is what a letter tells of an interview.
type Told struct {
	Start time.Time     `json:"start,omitzero"`
	Kind  InterviewKind `json:"kind,omitempty"`
	Place string        `json:"place,omitempty"`
}

// Tells is what a letter would tell now.
func (iv *Interview) Tells() Told { return Told{iv.Start, iv.Kind, iv.Place()} }

// Changed reports whether somebody who was told so has to be told anew: another time, or another kind or place than one that was named.
// That more is known is no change.
func (t Told) Changed(now Told) bool {
	return !t.Start.Equal(now.Start) || t.Kind != KindUnknown && t.Kind != now.Kind || t.Place != "" && t.Place != now.Place
}

// TakeBack gives an interview back what a command changed, from was to left, as far as it still is as the command left it.
func (iv *Interview) TakeBack(was, left *Interview) {
	if iv.Start.Equal(left.Start) {
		iv.Start, iv.End, iv.Zone, iv.Floating = was.Start, was.End, was.Zone, was.Floating
	}
	if iv.Status == left.Status {
		iv.Status, iv.Question, iv.Choices, iv.Off = was.Status, was.Question, was.Choices, was.Off
	}
	if iv.Candidate == left.Candidate {
		iv.Candidate, iv.People = was.Candidate, was.People
	}
	if iv.ByWord == left.ByWord {
		iv.ByWord = was.ByWord
	}
	if iv.Kind == left.Kind {
		iv.Kind = was.Kind
	}
	if slices.Equal(iv.Who, left.Who) {
		iv.Who = was.Who
	}
	for k, v := range left.Facts {
		if was.Facts[k] == v || iv.Facts[k] != v {
			continue
		}
		delete(iv.Facts, k)
		if was.Facts[k] != "" {
			iv.Facts[k] = was.Facts[k]
		}
	}
}

// ReadTold reads what is said of an interview behind its date: "phone with Dana Reed, CTO", "in person at 5 King
// Street with Tom and Ana", "video https://…".
func ReadTold(note string) (kind InterviewKind, facts map[string]string, who []Interviewer, order int) {
	facts = map[string]string{}
	rest := note
	if m := toldOrderRE.FindStringSubmatchIndex(rest); m != nil {
		order, _ = ParseOrderName(rest[m[2]:m[3]])
		rest = rest[:m[0]] + " " + rest[m[1]:]
	}
	if m := toldLinkRE.FindString(rest); m != "" {
		facts["link"] = strings.TrimRight(m, ".,;)")
		rest = strings.Replace(rest, m, " ", 1)
	}
	if m := toldNumberRE.FindStringSubmatch(rest); m != nil {
		facts["number"] = strings.TrimSpace(m[1])
		rest = strings.Replace(rest, m[0], " ", 1)
	}
	if m := toldWithRE.FindStringSubmatchIndex(rest); m != nil {
		people := rest[m[2]:m[3]]
		if loc := toldHowRE.FindStringIndex(people); loc != nil { // "with Dana Reed, CTO, phone"
			people = people[:loc[0]]
		}
		who = addInterviewer(nil, strings.Trim(people, " ,."))
		rest = rest[:m[0]] + rest[m[3]:]
	}
	place := ""
	if m := toldAtRE.FindStringSubmatch(rest); m != nil {
		place = strings.Trim(m[1], " ,.")
	} else if m := toldStreetRE.FindStringSubmatch(rest); m != nil {
		place = strings.Trim(m[1], " ,.")
	}
	if place != "" {
		facts["address"] = place
	}
	kind = KindOf(note, place, facts["link"], facts["number"])
	if kind != KindInPerson && kind != KindUnknown {
		delete(facts, "address")
	}
	return kind, facts, who, order
}

var (
	toldOrderRE  = regexp.MustCompile(`(?i)\b(?:for |on )?(jo ?\d{1,6})\b`)
	toldLinkRE   = regexp.MustCompile(`https?://\S+`)
	toldNumberRE = regexp.MustCompile(`(?:(?i:\bon |\bat |\bnumber )\s*)?(\+?\d[\d ()/.-]{6,20}\d)`)
	toldWithRE   = regexp.MustCompile(`(?i)(?:^|\s)(?:with|mit|avec|con|met)\s+(.+?)(?:\s+(?:at|in|on|by|via)\s|$)`)
	toldHowRE    = regexp.MustCompile(`(?i)[,;]?\s*\b(?:by |via |per )?(?:phone|telefon\w*|video|zoom|teams|skype|in[- ]person|on[- ]?site|vor ort)\b`)
	toldStreetRE = regexp.MustCompile(`(?:^|[,;]\s*)(\d{1,4}[a-z]?\s+\p{Lu}.+)$`)
	toldAtRE     = regexp.MustCompile(`(?i)(?:^|\s)(?:at|bei|in der|im)\s+(.+)$`)
)

// Attend takes from the candidate's touches (sorted) whether the interview took place, and reports whether that changed
// anything: a debrief, or any conversation once it was over, says that it did. Taken back, it is open again.
func (iv *Interview) Attend(env Env, ts []Touch) bool {
	was := iv.Status
	if was != InterviewStands && was != InterviewAttended && was != InterviewMissed {
		return false
	}
	iv.Status = InterviewStands // also where it was moved since
	for i := len(ts) - 1; i >= 0 && ts[i].Time.After(iv.Start); i-- {
		if ts[i].Outcome == OutcomeNoShow {
			iv.Status = InterviewMissed
			break
		}
		if ts[i].Outcome == OutcomeDebriefed || ts[i].Kind == KindConversation && ts[i].Time.After(iv.End) {
			iv.Status = InterviewAttended
			break
		}
	}
	return iv.Status != was
}

// Settle takes somebody as the candidate, as the recruiter said or as became known. Whoever else takes part from
// outside is the client; with nobody it is a registration.
func (iv *Interview) Settle(c *Contact) {
	iv.Candidate, iv.Choices, iv.Question = c.ID, nil, ""
	mine := func(addr string) bool { return slices.Contains(c.Emails, addr) }
	iv.Who = slices.DeleteFunc(iv.Who, func(w Interviewer) bool { return mine(w.Email) })
	if iv.Client == c.ID {
		iv.Client = ""
	}
	iv.Status = InterviewStands
	switch {
	case iv.UID != "" && !slices.ContainsFunc(iv.People, func(a string) bool { return !mine(a) }):
		iv.Status = InterviewRegistration
	case iv.Floating:
		iv.Status, iv.Question = InterviewAsked, "the invitation names no time zone"
	}
}
