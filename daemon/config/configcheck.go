package config

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/letter"
	"fifthcall/mailbox/message"
)

var deskNameRE = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// check says what is wrong with the values, completes ports, and resolves paths relative to the file.
func (c *Config) check(at positions, file string) []Error {
	r := &Reader{file: file, at: at}
	base := filepath.Dir(c.Path)
	c.Store.Dir = resolve(base, c.Store.Dir)
	c.HTTP.TLSCert, c.HTTP.TLSKey = resolve(base, c.HTTP.TLSCert), resolve(base, c.HTTP.TLSKey)
	c.checkHTTP(r)
	c.Letters.Dir = resolve(base, c.Letters.Dir)
	checkDir(r, "letters.dir", c.Letters.Dir)
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level) {
		r.fail("log.level", "%q is none of debug, info, warn, error", c.Log.Level)
	}
	if !slices.Contains([]string{"text", "json"}, c.Log.Format) {
		r.fail("log.format", "%q is neither text nor json", c.Log.Format)
	}
	if _, err := desk.ParseMonthDay(c.Sales.Day); err != nil && c.Sales.Day != "none" {
		r.fail("sales.day", "%q: %v, or \"none\"", c.Sales.Day, err)
	}
	for _, s := range c.Orders.Guarantee {
		if _, err := desk.ParseRebate(s); err != nil {
			r.fail("orders.guarantee", "%v", err)
		}
	}
	for _, s := range c.Orders.ClientCare {
		if n, err := strconv.Atoi(s); err != nil || n < 0 || n > 3650 {
			r.fail("orders.client_care", "%q is no number of days from 0 to 3650", s)
		}
	}
	if !slices.Contains([]string{ClientsFree, ClientsFlag, ClientsHandOver}, c.Agency.Clients) {
		r.fail("agency.clients", "%q is none of free, flag, hand-over", c.Agency.Clients)
	}
	for i := range c.Desks {
		for opt, v := range map[string]string{"decision_makers": c.Desks[i].Cycle.DecisionMaker, "candidates": c.Desks[i].Cycle.Candidate} {
			if v != closedByVoice && v != closedByAny {
				r.fail(fmt.Sprintf("desk[%d].cycle.%s", i, opt), "%q is neither voice nor any", v)
			}
		}
	}
	for _, s := range c.Sales.Sessions {
		if _, err := calendar.ParseSpan(s); err != nil {
			r.fail("sales.sessions", "%v", err)
		}
	}
	if len(c.Desks) == 0 {
		r.fail("desk", "no desk: add a [[desk]] table, or run 'fifthcall init'")
	}
	playbooks := c.ReadPlaybooks(r)
	names := map[string]bool{}
	for i := range c.Desks {
		d := &c.Desks[i]
		p := fmt.Sprintf("desk[%d]", i)
		if key := strings.ToLower(d.Name); names[key] {
			r.fail(p+".name", "two desks are named %q", d.Name)
		} else {
			names[key] = true
		}
		d.agencyLetters, d.Sales, d.Orders, d.Agency, d.Playbooks = c.Letters.Dir, c.Sales, c.Orders, c.Agency, playbooks
		d.check(r, p, base, c.Path)
	}
	for i, p := range playbooks {
		for _, s := range p.Steps {
			if s.Owner != "" && !names[strings.ToLower(s.Owner)] {
				r.fail(fmt.Sprintf("playbook[%d].steps", i), "there is no desk %q, by whom “%s” is to be done", s.Owner, s.Text)
			}
		}
	}
	return r.Errs
}

// ReadPlaybooks reads the agency's own playbooks.
func (c *Config) ReadPlaybooks(r *Reader) []desk.Playbook {
	var out []desk.Playbook
	for i, pc := range c.Playbooks {
		at := fmt.Sprintf("playbook[%d]", i)
		p := desk.Playbook{
			Name: pc.Name, Client: pc.Client, Rank: pc.Rank, Words: pc.Words,
			Targets: desk.OrderTargets{CallBack: time.Duration(pc.CallBack), Qualify: pc.Qualify, Submit: pc.Submit, Feedback: pc.Feedback},
		}
		if !deskNameRE.MatchString(pc.Name) {
			r.fail(at+".name", "a playbook needs a name of letters, digits, - and _")
		}
		if pc.Rank != "" && !slices.Contains([]string{"A", "B", "C"}, strings.ToUpper(pc.Rank)) {
			r.fail(at+".rank", "%q is none of A, B, C", pc.Rank)
		}
		for _, s := range pc.Steps {
			step, err := desk.ParsePlaybookStep(s)
			if err != nil {
				r.fail(at+".steps", "%v", err)
			}
			p.Steps = append(p.Steps, step)
		}
		out = append(out, p)
	}
	return out
}

func resolve(base, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(base, path)
}

func (c *Config) checkHTTP(r *Reader) {
	for opt, addr := range map[string]string{"http.listen": c.HTTP.Listen, "metrics.listen": c.Metrics.Listen} {
		if addr == "" && opt == "metrics.listen" {
			continue
		}
		if _, port, err := net.SplitHostPort(addr); err != nil || port == "" {
			r.fail(opt, "%q is not an address and port like \"127.0.0.1:8025\"", addr)
		}
	}
	if u := c.HTTP.PublicURL; u != "" {
		if p, err := url.Parse(u); err != nil || p.Host == "" || p.Scheme != "https" && p.Scheme != "http" || p.RawQuery != "" || p.User != nil {
			r.fail("http.public_url", "%q is not an address like \"https://calls.firm.example\"", u)
		}
	}
	if (c.HTTP.TLSCert == "") != (c.HTTP.TLSKey == "") {
		r.fail("http.tls_cert", "tls_cert and tls_key go together")
	}
	if host, _, err := net.SplitHostPort(c.HTTP.Listen); err == nil && !Loopback(host) && c.HTTP.TLSCert == "" && !c.HTTP.Plain && !strings.HasPrefix(c.HTTP.PublicURL, "https:") {
		r.fail("http.listen", "%q can be reached from other machines, and passwords and secret addresses would cross the network in clear text: give tls_cert and tls_key, or listen on 127.0.0.1 behind a proxy and give its public_url; plain = true allows it all the same", c.HTTP.Listen)
	}
}

func (d *DeskConfig) check(r *Reader, p, base, file string) {
	if !deskNameRE.MatchString(d.Name) {
		r.fail(p+".name", "a desk needs a name of letters, digits, - and _, such as \"sam\"")
	}
	if message.Canonical(d.Email) == "" {
		r.fail(p+".email", "needs the recruiter's address, such as \"sam@firm.example\"")
	}
	for _, a := range d.Aliases {
		if message.Canonical(a) == "" {
			r.fail(p+".aliases", "%q is not an address", a)
		}
	}
	for _, a := range d.NeverLog {
		if message.Canonical(a) == "" && !strings.HasPrefix(a, "@") {
			r.fail(p+".never_log", "%q is neither an address nor a domain like \"@example.com\"", a)
		}
	}
	if _, err := time.LoadLocation(d.Timezone); err != nil || d.Timezone == "" || d.Timezone == "Local" {
		r.fail(p+".timezone", "%q is not a zone like \"Europe/London\"", d.Timezone)
	}
	if d.CallbacksPerDay < 1 {
		r.fail(p+".callbacks_per_day", "must be at least 1")
	}
	if d.History.Days() < 1 {
		r.fail(p+".history", "must be at least \"1d\"")
	}
	d.checkServers(r, p, base, file)
	d.checkMails(r, p)
	d.checkLetters(r, p, base)
	d.OAuth.check(r, p+".oauth", base, file, d.oauthNeeded())
	d.checkHours(r, p)
	d.checkCalendars(r, p, base, file)
	d.checkCycle(r, p)
}

// checkMails checks the options about mails to and from the recruiter, and fills in those that follow from others.
func (d *DeskConfig) checkMails(r *Reader, p string) {
	if at, err := calendar.ParseClock(d.Morning.At); err != nil {
		r.fail(p+".morning.at", "%v", err)
	} else if at >= 12*60 {
		r.fail(p+".morning.at", "%q is not in the morning: the mail comes before noon or not at all", d.Morning.At)
	}
	switch {
	case d.Morning.Deliver == "" && d.SMTP.Host == "":
		d.Morning.Deliver = desk.DeliverAppend
	case d.Morning.Deliver == "":
		d.Morning.Deliver = desk.DeliverSMTP
	case d.Morning.Deliver == desk.DeliverSMTP && d.SMTP.Host == "":
		r.fail(p+".morning.deliver", "\"smtp\" needs [desk.smtp]; \"append\" puts the mail into INBOX without it")
	case d.Morning.Deliver != desk.DeliverSMTP && d.Morning.Deliver != desk.DeliverAppend:
		r.fail(p+".morning.deliver", "%q is neither \"smtp\" nor \"append\"", d.Morning.Deliver)
	}
	if d.LogAddress == "" {
		local, domain, _ := strings.Cut(d.Email, "@")
		d.LogAddress = local + "+log@" + domain
	} else if message.Canonical(d.LogAddress) == "" {
		r.fail(p+".log_address", "%q is not an address", d.LogAddress)
	}
	for _, a := range d.Delegates {
		if message.Canonical(a) == "" {
			r.fail(p+".delegates", "%q is not an address", a)
		}
	}
	for _, l := range d.Languages {
		if !slices.Contains(words.Languages(), l) {
			r.fail(p+".languages", "%q is not known; languages are %s", l, strings.Join(words.Languages(), ", "))
		}
	}
	if d.Folders.Star != "" && d.Folders.Star != "callback" {
		r.fail(p+".folders.star", "%q is not known; say \"callback\", or leave it out", d.Folders.Star)
	}
}

func checkDir(r *Reader, opt, dir string) {
	if dir == "" {
		return
	}
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		r.fail(opt, "%s is no folder", dir)
	}
}

// checkLetters checks the options about letters and fills in those that follow from others.
func (d *DeskConfig) checkLetters(r *Reader, p, base string) {
	l := &d.Letters
	p += ".letters"
	l.Dir = resolve(base, l.Dir)
	checkDir(r, p+".dir", l.Dir)
	if !slices.Contains([]string{"draft", "approve", "auto", "off"}, l.Mode) {
		r.fail(p+".mode", "%q is none of draft, approve, auto, off", l.Mode)
	}
	if d.SMTP.Host == "" {
		for opt, set := range map[string]bool{".mode": l.Mode == "approve" || l.Mode == "auto", ".approve": len(l.Approve) > 0, ".auto": len(l.Auto) > 0} {
			if set {
				r.fail(p+opt, "needs [desk.smtp]; without it letters are drafts only")
			}
		}
	}
	if !slices.Contains([]string{"auto", "yes", "no"}, l.FilesSent) {
		r.fail(p+".files_sent", "%q is none of auto, yes, no", l.FilesSent)
	}
	if _, err := letter.ParseWindow(l.Window); err != nil {
		r.fail(p+".window", "%v", err)
	}
	if l.PerHour < 1 || l.PerDay < 1 {
		r.fail(p+".per_hour", "per_hour and per_day must be at least 1; mode = \"off\" stops letters")
	}
	if l.Lead < 0 || l.Lead > 10 {
		r.fail(p+".lead", "must lie between 0 and 10 working days")
	}
	if l.Name == "" {
		l.Name = nameOf(d.Name)
	}
	if l.Signature == "" {
		l.Signature = l.Name + "\n" + d.Email
		if l.Phone != "" {
			l.Signature = l.Name + "\n" + l.Phone + "\n" + d.Email
		}
	}
}

// nameOf makes a name of the desk's: "sam-ruiter" is Sam Ruiter.
func nameOf(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '_' })
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}
