package daemon

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"mime"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/command"
	"fifthcall/daemon/config"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/work/imports"
	"fifthcall/mailbox/demoserver"
)

// Demo is the whole product on an embedded mail server with a lifelike desk.
type Demo struct {
	Daemon *Daemon
	Mail   *demoserver.Server
	Dir    string // everything the demo keeps, removed by Close
	Login  string
}

// DemoPassword is the password of the demo's mailbox.
const DemoPassword = "demo"

// NewDemo makes the mail server and its half year of mail, and opens a daemon on it. The
// wiring is that of any other desk.
func NewDemo(listen string, opt Options) (*Demo, error) {
	clock := opt.Clock
	if clock == nil {
		clock = time.Now
	}
	dir, err := os.MkdirTemp("", "fifthcall-demo-")
	if err != nil {
		return nil, err
	}
	demo := &Demo{Dir: dir, Login: "sam@" + demoDomain}
	if demo.Mail, err = demoserver.Start(demoDomain, clock); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err = demo.fill(clock()); err == nil {
		var cfg *config.Config
		if cfg, err = demo.config(listen); err == nil {
			demo.Daemon, err = Open(cfg, opt)
		}
	}
	if err != nil {
		return nil, errors.Join(err, demo.Mail.Close(), os.RemoveAll(dir))
	}
	return demo, nil
}

// Close stops everything and removes what the demo kept.
func (d *Demo) Close() error {
	return errors.Join(d.Daemon.Close(), d.Mail.Close(), os.RemoveAll(d.Dir))
}

const demoDomain = "ruitersearch.example"

func (d *Demo) config(listen string) (*config.Config, error) {
	secret := filepath.Join(d.Dir, "sam.password")
	if err := os.WriteFile(secret, []byte(DemoPassword+"\n"), 0o600); err != nil {
		return nil, err
	}
	imapHost, imapPort, _ := net.SplitHostPort(d.Mail.IMAPAddr)
	smtpHost, smtpPort, _ := net.SplitHostPort(d.Mail.SMTPAddr)
	ip, _ := strconv.Atoi(imapPort)
	sp, _ := strconv.Atoi(smtpPort)
	text := config.Answers{
		Name: "sam", Email: d.Login, Timezone: "Europe/London", StateDir: "state", IMAPHost: imapHost, IMAPPort: ip, IMAPSecurity: "none",
		SMTPHost: smtpHost, SMTPPort: sp, SMTPSafe: "none", Username: d.Login, PasswordFile: secret,
	}.File()
	text = strings.Replace(text, "127.0.0.1:8025", listen, 1)
	path := filepath.Join(d.Dir, "config.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return nil, err
	}
	cfg, err := config.LoadConfig(path)
	if err != nil {
		return nil, err
	}
	cfg.Desks[0].IMAP.Poll = demoPoll
	return cfg, nil
}

// demoPoll is how often the demo looks into folders that it doesn't watch: its server is its own, and who tries it doesn't wait.
const demoPoll = config.Duration(3 * time.Second)

// demoPerson is somebody on the demo's desk.
type demoPerson struct {
	name, addr, company, title, phone, role string
	writes                                  string // the language the person writes in
}

var demoCompanies = []struct{ name, domain, lang string }{
	{"Acme Robotics", "acme-robotics.example", "en"}, {"Globex Energy", "globex.example", "en"}, {"Nordwind Logistik", "nordwind.example", "de"},
	{"Lumière Santé", "lumiere-sante.example", "fr"}, {"Polder Foods", "polderfoods.example", "nl"}, {"Iberia Cloud", "iberiacloud.example", "es"},
	{"Harbour Finance", "harbourfinance.example", "en"}, {"Initech", "initech.example", "en"}, {"Bergmann Optik", "bergmann-optik.example", "de"}, {"Silverline Rail", "silverline.example", "en"},
}

var demoWords = map[string]struct{ ask, answer, subject []string }{
	"en": {[]string{"Are you still looking for a second engineer?", "I have two people you should meet.", "Shall we talk next week?"}, []string{"Sounds good, call me on Tuesday.", "Not this quarter, try me again later.", "Please send the CVs."}, []string{"Two engineers for you", "Catching up", "Your vacancy"}},
	"de": {[]string{"Suchen Sie noch Verstärkung?", "Ich habe zwei passende Kandidaten."}, []string{"Gern, rufen Sie mich am Dienstag an.", "Im Moment leider nicht."}, []string{"Zwei Profile für Sie", "Kurze Rückfrage"}},
	"fr": {[]string{"Cherchez-vous toujours un développeur ?"}, []string{"Oui, appelez-moi la semaine prochaine.", "Pas avant septembre."}, []string{"Deux profils pour vous"}},
	"nl": {[]string{"Zoeken jullie nog een planner?"}, []string{"Ja, bel me volgende week even.", "Nu even niet."}, []string{"Twee kandidaten"}},
	"es": {[]string{"¿Siguen buscando un ingeniero?"}, []string{"Sí, llámame el martes.", "Por ahora no."}, []string{"Dos perfiles"}},
}

var demoFirst = []string{"Jane", "Omar", "Petra", "Luc", "Anke", "Marta", "Grace", "Tom", "Lena", "Hugo", "Priya", "Nils", "Chloé", "Daan", "Elena", "Victor", "Sofia", "Ben", "Yusuf", "Ingrid"}

var demoLast = []string{"Doe", "García", "Schulz", "Martin", "de Vries", "López", "Adeyemi", "Baker", "Krüger", "Bernard", "Sharma", "Hansen", "Petit", "Visser", "Romero", "Novak", "Rossi", "Clarke", "Demir", "Berg"}

// demoPeople are 24 decision makers and 40 candidates.
func demoPeople() []demoPerson {
	var out []demoPerson
	titles := []string{"Head of Engineering", "HR Director", "Managing Director", "COO"}
	for i := range 24 {
		co := demoCompanies[i%len(demoCompanies)]
		f, l := demoFirst[i%len(demoFirst)], demoLast[(i*7+3)%len(demoLast)]
		out = append(out, demoPerson{f + " " + l, demoAddr(f, l) + "@" + co.domain, co.name, titles[i%len(titles)], fmt.Sprintf("+44 20 7946 %04d", 100+i), "decision_maker", co.lang})
	}
	for i := range 40 {
		f, l := demoFirst[(i*3+1)%len(demoFirst)], demoLast[(i*11+5)%len(demoLast)]
		provider := []string{"gmail.com", "outlook.com", "gmx.de", "icloud.com"}[i%4]
		out = append(out, demoPerson{f + " " + l, fmt.Sprintf("%s%d@%s", demoAddr(f, l), i, provider), "", "", fmt.Sprintf("+44 7700 900%03d", i), "candidate", "en"})
	}
	return out
}

func demoAddr(first, last string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 'é':
			return 'e'
		case 'í':
			return 'i'
		case 'ó':
			return 'o'
		case 'ü':
			return 'u'
		case ' ':
			return -1
		}
		return r
	}, strings.ToLower(first+"."+last))
}

// fill puts half a year of mail up to now into the mailbox.
func (d *Demo) fill(now time.Time) error {
	if err := d.Mail.AddUser("sam", DemoPassword); err != nil {
		return err
	}
	w := &demoWriter{mail: d.Mail, rng: rand.New(rand.NewPCG(7, 7)), me: "Sam Ruiter <" + d.Login + ">"}
	for i, p := range demoPeople() {
		w.correspondence(p, i, now)
	}
	w.noise(now)
	return w.flush()
}

// demoWriter gathers mail and delivers it in the order of time.
type demoWriter struct {
	mail *demoserver.Server
	rng  *rand.Rand
	me   string
	list []demoMail
	n    int
}

type demoMail struct {
	folder string
	at     time.Time
	raw    []byte
}

func (w *demoWriter) add(folder string, h demoserver.Head, body string) string {
	w.n++
	h.ID = fmt.Sprintf("demo-%d@mail.example", w.n)
	w.list = append(w.list, demoMail{folder, h.Date, h.Mail(body)})
	return h.ID
}

// correspondence is the mail exchanged with one person: some answer, some answer late, some never.
func (w *demoWriter) correspondence(p demoPerson, i int, now time.Time) {
	who := mime.QEncoding.Encode("utf-8", p.name) + " <" + p.addr + ">"
	words := demoWords[p.writes]
	pick := func(list []string) string { return list[w.rng.IntN(len(list))] }
	at := now.AddDate(0, 0, -170+w.rng.IntN(30))
	for at.Before(now.AddDate(0, 0, -3)) {
		at = office(at)
		subject := pick(words.subject)
		id := w.add("Sent", demoserver.Head{From: w.me, To: who, Subject: subject, Date: at}, pick(words.ask)+"\r\n\r\nSam\r\n")
		refs := []string{"In-Reply-To: <" + id + ">", "References: <" + id + ">"}
		answered := at.Add(time.Duration(2+w.rng.IntN(60)) * time.Hour)
		switch {
		case !answered.Before(now):
		case i%6 == 5: // never answers
		case w.rng.IntN(9) == 0:
			w.add("INBOX", demoserver.Head{From: who, To: w.me, Subject: "Automatic reply: " + subject, Date: at.Add(time.Minute), Extra: append(refs, "Auto-Submitted: auto-replied")}, "I am out of the office and back on "+at.AddDate(0, 0, 7).Format("2 January 2006")+".\r\n")
		case w.rng.IntN(3) > 0:
			w.add("INBOX", demoserver.Head{From: who, To: w.me, Subject: "Re: " + subject, Date: answered, Extra: refs}, pick(words.answer)+"\r\n")
		}
		at = at.AddDate(0, 0, 18+w.rng.IntN(45))
	}
}

// office moves a time into the working hours of a working day.
func office(t time.Time) time.Time {
	for t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		t = t.AddDate(0, 0, 1)
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 9+t.Minute()%8, t.Second(), 0, 0, t.Location())
}

// noise is the mail that must not count: lists, newsletters, robots, bounces, invitations.
func (w *demoWriter) noise(now time.Time) {
	for day := 180; day > 0; day-- {
		at := office(now.AddDate(0, 0, -day)).Add(time.Duration(day%7) * 11 * time.Minute)
		if !at.Before(now) {
			continue
		}
		switch day % 4 {
		case 0:
			w.add("INBOX", demoserver.Head{From: "Recruiters' forum <talk@lists.forum.example>", To: "talk@lists.forum.example", Subject: "[talk] Fees this year", Date: at, Extra: []string{"List-Id: <talk.lists.forum.example>", "List-Post: <mailto:talk@lists.forum.example>"}}, "What do you charge?\r\n")
		case 1:
			w.add("INBOX", demoserver.Head{From: "Job board <news@jobboard.example>", To: w.me, Subject: "10 new CVs for you", Date: at, Extra: []string{"List-Unsubscribe: <https://jobboard.example/u>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click", "Precedence: bulk"}}, "See them all.\r\n")
		case 2:
			w.add("INBOX", demoserver.Head{From: "Calendar <calendar-notification@calendar.example>", To: w.me, Subject: "Reminder: team meeting", Date: at, Extra: []string{"Auto-Submitted: auto-generated"}}, "In ten minutes.\r\n")
		}
		if day%45 == 3 {
			w.add("INBOX", demoserver.Head{From: "Mail Delivery System <MAILER-DAEMON@mx.example>", To: w.me, Subject: "Undelivered Mail Returned to Sender", Date: at, Extra: []string{"X-Failed-Recipients: gone@oldfirm.example"}}, "No such user.\r\n")
		}
	}
}

func (w *demoWriter) flush() error {
	slices.SortStableFunc(w.list, func(a, b demoMail) int { return a.at.Compare(b.at) })
	for _, m := range w.list {
		if err := w.mail.Append("sam", m.folder, m.raw, m.at); err != nil {
			return err
		}
	}
	return nil
}

// slotsAhead are the rest of today's slots, or the next working day's.
func slotsAhead(h *calendar.Hours, now time.Time) []time.Time {
	for day := desk.DateOf(now); ; day = day.AddDays(1) {
		slots := slices.DeleteFunc(h.Slots(day.UTC()), func(s time.Time) bool { return !s.After(now) })
		if len(slots) > 0 {
			return slots
		}
	}
}

// Prepare does what a recruiter does on her first day: it reads the mailbox once, imports
// her list of contacts, and logs the calls of the last weeks.
func (d *Demo) Prepare(ctx context.Context) error {
	if err := d.Daemon.Sync(ctx); err != nil {
		return err
	}
	var csv strings.Builder
	csv.WriteString("name,email,company,title,phone,role\n")
	people := demoPeople()
	for _, p := range people {
		fmt.Fprintf(&csv, "%q,%s,%q,%q,%q,%s\n", p.name, p.addr, p.company, p.title, p.phone, p.role)
	}
	r := d.Daemon.desks[0]
	if _, err := imports.ImportContacts(ctx, r, []byte(csv.String())); err != nil {
		return err
	}
	for i, said := range []string{"spoke, wants two engineers, call 2w", "left message", "no answer", "met for coffee, hiring in spring", "spoke, budget frozen till summer, call 3m", "left voicemail"} {
		if _, err := command.LogText(ctx, r, people[i*2].addr+" "+said, d.Daemon.opt.Clock()); err != nil {
			return err
		}
	}
	// a few calls agreed for today, or for the next working day, so that it has something in it
	now := d.Daemon.opt.Clock()
	rs := r.Current()
	for i, slot := range slotsAhead(rs.Hours, now.In(rs.Zone)) {
		if i == 4 {
			break
		}
		if _, err := command.LogText(ctx, r, people[i*2+1].addr+" snooze "+slot.Format("2006-01-02 15:04"), now); err != nil {
			return err
		}
	}
	if err := d.letters(ctx, people, now); err != nil {
		return err
	}
	return d.Daemon.Sync(ctx)
}

// letters gives the desk two interviews, one of which lacks a fact, and somebody in a sequence: their letters lie in Drafts.
func (d *Demo) letters(ctx context.Context, people []demoPerson, now time.Time) error {
	r := d.Daemon.desks[0]
	env := r.Env(now)
	day := env.AddWorkdays(env.Today(), 3).String()
	candidates := people[24:]
	for _, said := range []string{
		candidates[0].addr + " interview " + day + " 15:00 video https://meet.example/abc with " + people[0].name,
		candidates[1].addr + " interview " + day + " 11:00 phone with " + people[1].name,
		people[22].addr + " sequence prospect",
	} {
		if _, err := command.LogText(ctx, r, said, now); err != nil {
			return err
		}
	}
	return nil
}
