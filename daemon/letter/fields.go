package letter

import (
	"strings"
	"time"

	"fifthcall/daemon/desk"
)

// Fields is all that a template can speak of. An empty field is one that isn't known.
type Fields struct {
	Language  string         // of the letter
	Zone      *time.Location // of the reader; times are said in it
	Now       time.Time
	Spoke     bool   // a conversation with the reader is in the log
	Spoken    bool   // and one of the last days
	Contact   Person // the reader
	Candidate Person // of whom a letter to a client speaks
	Client    Person // of whom a letter to a candidate speaks
	Desk      Desk
	Order     Order
	Interview Interview
	Offer     Offer
	Call      Call
	Quarter   Quarter
}

// Quarter is what a client's orders of a quarter came to; days as "2.5", "" where nothing happened.
type Quarter struct {
	From, To                     time.Time // its first and its last day
	Orders, Filled, Submittals   int
	ToSubmit, ToFeedback, ToFill string
}

// Call is a call to which somebody is invited.
type Call struct{ Start time.Time }

// Person is somebody with whom the desk deals.
type Person struct {
	Name, First, Company, Title, Email, Phone string
}

// Desk is the recruiter.
type Desk struct {
	Name, First, Email, Phone, Signature string
}

// Order is a vacancy.
type Order struct {
	Number, Title, Company string
}

// Interview is what is known of an interview.
type Interview struct {
	Kind         desk.InterviewKind
	Start, End   time.Time
	Floating     bool // no zone is known
	Company      string
	Title        string // of the job
	Interviewers []desk.Interviewer

	Address, Link, Number, Room        string
	Parking, Entry, Dress, Tests       string
	Bring, Salary, Format, Past, About string
}

// Offer is what a candidate was offered.
type Offer struct {
	Terms string
	Start string
}

// Knows reports whether a fact without which no prep letter goes out is there.
func (iv *Interview) Knows(f desk.Fact) bool {
	switch f {
	case desk.FactKind:
		return iv.Kind != desk.KindUnknown
	case desk.FactTime:
		return !iv.Start.IsZero() && !iv.Floating
	case desk.FactPlace:
		return iv.place() != ""
	case desk.FactInterviewer:
		return len(iv.Interviewers) > 0
	}
	return false
}

// place is where the interview is, or how it is joined, as its kind asks for.
func (iv *Interview) place() string {
	switch iv.Kind {
	case desk.KindPhone:
		return orElse(iv.Number, iv.Link)
	case desk.KindVideo:
		return orElse(iv.Link, iv.Number)
	case desk.KindInPerson:
		return iv.Address
	}
	return orElse(iv.Address, orElse(iv.Link, iv.Number))
}

func orElse(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// FirstName is the name by which a person is addressed in English.
func FirstName(name string) string {
	name = desk.GivenFirst(name)
	for _, w := range strings.Fields(name) {
		switch strings.ToLower(strings.Trim(w, ".")) {
		case "dr", "prof", "mr", "mrs", "ms", "herr", "frau", "sir":
			continue
		}
		return strings.Trim(w, ",;")
	}
	return ""
}

// Sample is a set of fields with everything known, and Bare one with next to nothing: every template has to
// cope with both.
func Sample(language string) *Fields {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		zone = time.UTC
	}
	start := time.Date(2026, 3, 10, 15, 0, 0, 0, time.UTC)
	return &Fields{
		Language: language, Zone: zone, Now: start.AddDate(0, 0, -5), Spoke: true, Spoken: true,
		Contact:   Person{"Li Sato", "Li", "Globex", "Data engineer", "li@post.example", "+44 20 7946 0018"},
		Candidate: Person{"Li Sato", "Li", "Globex", "Data engineer", "li@post.example", "+44 20 7946 0018"},
		Client:    Person{"Jane Miller", "Jane", "Acme Robotics", "Head of engineering", "jane@acme.example", "+44 20 7946 0019"},
		Desk:      Desk{"Sam Ruiter", "Sam", "sam@firm.example", "+44 20 7946 0001", "Sam Ruiter\nFirm Recruitment\n+44 20 7946 0001"},
		Order:     Order{"JO7", "Senior Go developer", "Acme Robotics"},
		Interview: Interview{
			Kind: desk.KindInPerson, Start: start, End: start.Add(time.Hour), Company: "Acme Robotics", Title: "Senior Go developer",
			Interviewers: []desk.Interviewer{{Name: "Jane Miller", Title: "Head of engineering"}, {Name: "Tom Reed", Title: "CTO"}},
			Address:      "5 King Street, London EC2V 8AU", Link: "https://meet.example/abc-defg", Number: "+44 20 7946 0020", Room: "Room 12",
			Parking: "in the yard behind the house", Entry: "ask for Jane at the front desk", Dress: "business casual", Tests: "a short coding exercise",
			Bring: "passport", Salary: "£75,000 and a bonus", Format: "an hour with two people", Past: "Tell us of a system that failed.", About: "makes robots for warehouses, 200 people",
		},
		Offer: Offer{Terms: "£75,000 and a bonus", Start: "1 May"},
		Call:  Call{start.AddDate(0, 0, -1)},
		Quarter: Quarter{
			From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC), Orders: 3, Filled: 2, Submittals: 7,
			ToSubmit: "1.2", ToFeedback: "2.5", ToFill: "24.0",
		},
	}
}

// Bare is a set of fields in which only the people's addresses and the desk are known.
func Bare(language string) *Fields {
	return &Fields{Language: language, Zone: time.UTC, Now: time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC), Contact: Person{Email: "li@post.example"}, Desk: Desk{Name: "Sam", First: "Sam", Email: "sam@firm.example"}}
}
