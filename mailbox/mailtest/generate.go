// Package mailtest holds the servers that tests run against, real ones and one in memory, and a generator of mail.
package mailtest

import (
	"fmt"
	"math/rand/v2"
	"mime"
	"time"

	"fifthcall/mailbox/demoserver"
)

// Generated is one message of a generated mailbox.
type Generated struct {
	Folder string // INBOX or Sent
	Time   time.Time
	Raw    []byte
	Touch  bool // whether a touch is to come of it: a person to whom the owner has written, or who is written to
}

// GenerateOptions say what mailbox to make.
type GenerateOptions struct {
	Owner    string // address
	Messages int
	People   int       // correspondents
	End      time.Time // of the time over which the messages are spread
	Days     int
	Seed     uint64
}

var firstNames = []string{"Anna", "Ben", "Chloé", "David", "Elif", "Fatima", "Georg", "Hana", "Iván", "Jane", "Kofi", "Lea", "Marek", "Noor", "Omar", "Petra", "Quentin", "Rosa", "Søren", "Tom", "Uma", "Viktor", "Wei", "Yuki", "Zoë"}
var lastNames = []string{"Adler", "Brown", "Costa", "Dubois", "Eriksen", "Fischer", "García", "Haddad", "Ito", "Jansen", "Kowalski", "Lindqvist", "Moreau", "Novák", "Okafor", "Patel", "Quinn", "Rossi", "Schäfer", "Tanaka", "Ulrich", "Varga", "Walker", "Yıldız", "Zhang"}
var subjects = []string{"Lunch on Thursday", "Contract, second draft", "Quick question", "Your note of yesterday", "Numbers for March", "Meeting next week", "Thank you", "One more thing", "Termin am Montag", "Votre message", "Re-arranging the call", "Room booking"}

// Person is the i-th correspondent.
func Person(i int) (name, addr string) {
	f, l := firstNames[i%len(firstNames)], lastNames[i/len(firstNames)%len(lastNames)]
	return f + " " + l, fmt.Sprintf("p%d@company%d.example", i, i%max(1, i/3+1))
}

// Generate makes a mailbox: a fifth of it in Sent, most of the rest from people who are
// written to, with lists, robots and auto-replies among it. The same options give the same
// mailbox.
func Generate(o GenerateOptions, yield func(Generated) error) error {
	rng := rand.New(rand.NewPCG(o.Seed, 1))
	step := time.Duration(o.Days) * 24 * time.Hour / time.Duration(max(1, o.Messages))
	thread := map[int]string{}
	for i := range o.Messages {
		at := o.End.Add(-time.Duration(o.Messages-i) * step).Truncate(time.Second)
		p := rng.IntN(o.People)
		name, addr := Person(p)
		who := mime.QEncoding.Encode("utf-8", name) + " <" + addr + ">"
		h := demoserver.Head{Subject: subjects[rng.IntN(len(subjects))], Date: at, ID: fmt.Sprintf("%d.%d@mail.example", o.Seed, i)}
		if t := thread[p]; t != "" && rng.IntN(3) > 0 {
			h.Subject = "Re: " + h.Subject
			h.Extra = append(h.Extra, "In-Reply-To: <"+t+">", "References: <"+t+">")
		}
		thread[p] = h.ID
		g := Generated{Folder: "INBOX", Time: at, Touch: true}
		h.From, h.To = who, o.Owner
		switch k := i % 50; {
		case k%5 == 0:
			g.Folder = "Sent"
			h.From, h.To = o.Owner, who
		case k == 1:
			h.Extra = append(h.Extra, "List-Id: <talk.lists.example>", "List-Post: <mailto:talk@lists.example>")
			g.Touch = false
		case k == 2:
			h.From, g.Touch = "Shop <no-reply@shop.example>", false
		case k == 3:
			h.Extra = append(h.Extra, "Auto-Submitted: auto-replied")
			g.Touch = false
		case k == 4:
			h.From, g.Touch = fmt.Sprintf("Stranger %d <s%d@elsewhere.example>", i, i), false
		}
		g.Raw = h.Mail("Dear colleague,\r\n\r\nthis is message " + fmt.Sprint(i) + ".\r\n\r\nBest wishes\r\n")
		if err := yield(g); err != nil {
			return err
		}
	}
	return nil
}
