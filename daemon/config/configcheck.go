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
	"fifthcall/daemon/seal"
	"fifthcall/mailbox"
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

func (d *DeskConfig) checkServers(r *Reader, p, base, file string) {
	im, sm := &d.IMAP, &d.SMTP
	if im.Host == "" {
		r.fail(p+".imap.host", "needs the IMAP server, such as \"imap.firm.example\"")
	}
	if im.Username == "" {
		r.fail(p+".imap.username", "needs the login, mostly the address")
	}
	checkTransport(r, p+".imap", im.Host, im.Security, &im.Port, 993, 143)
	im.check(r, p+".imap", base, file, im.Username != "")
	im.CAFile = resolve(base, im.CAFile)
	if sm.Host == "" {
		if sm.Username != "" || sm.Port != 0 || sm.Given() {
			r.fail(p+".smtp.host", "needs the submission server; leave [desk.smtp] out to have drafts only")
		}
		return
	}
	checkTransport(r, p+".smtp", sm.Host, sm.Security, &sm.Port, 465, 587)
	sm.check(r, p+".smtp", base, file, sm.Username != "")
	sm.CAFile = resolve(base, sm.CAFile)
	if sm.Username == "" && !Loopback(sm.Host) {
		r.fail(p+".smtp.username", "needs the login: without one only towards this machine")
	}
}

func checkTransport(r *Reader, p, host, security string, port *int, tlsPort, plainPort int) {
	switch mailbox.Security(security) {
	case mailbox.SecurityTLS, mailbox.SecuritySTARTTLS:
	case mailbox.SecurityNone:
		if host != "" && !Loopback(host) {
			r.fail(p+".security", "\"none\" would send the password in the clear to %s; it is allowed towards this machine only: use \"tls\" or \"starttls\"", host)
		}
	default:
		r.fail(p+".security", "%q is none of tls, starttls, none", security)
	}
	if *port < 0 || *port > 65535 {
		r.fail(p+".port", "%d is not a port", *port)
	}
	if *port == 0 {
		*port = plainPort
		if security == string(mailbox.SecurityTLS) {
			*port = tlsPort
		}
	}
}

// Loopback reports whether the host is this machine, by address or as "localhost".
func Loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Given reports whether any way to a secret is configured.
func (s *SecretConfig) Given() bool {
	return s.Password != "" || s.PasswordFile != "" || s.PasswordEnv != "" || len(s.PasswordCommand) > 0
}

func (s *SecretConfig) check(r *Reader, p, base, file string, needed bool) {
	n := 0
	for _, set := range []bool{s.Password != "", s.PasswordFile != "", s.PasswordEnv != "", len(s.PasswordCommand) > 0} {
		if set {
			n++
		}
	}
	switch {
	case n > 1:
		r.fail(p, "give the secret in one way only: password, password_file, password_env or password_command")
	case n == 0 && needed && s.Auth != "oauth2": // then the token comes from 'oauth login'
		r.fail(p, "needs password, password_file, password_env or password_command")
	}
	if s.Auth != "password" && s.Auth != "oauth2" {
		r.fail(p+".auth", "%q is neither password nor oauth2", s.Auth)
	}
	s.PasswordFile = resolve(base, s.PasswordFile)
	if s.PasswordFile != "" {
		if err := seal.Private(s.PasswordFile); err != nil {
			r.fail(p+".password_file", "%v", err)
		}
	}
	if s.Password != "" {
		if err := seal.Private(file); err != nil {
			r.fail(p+".password", "%v", err)
		}
	}
}

func (h *HoursConfig) week() [7][]string {
	return [7][]string{h.Sunday, h.Monday, h.Tuesday, h.Wednesday, h.Thursday, h.Friday, h.Saturday}
}

func (d *DeskConfig) checkHours(r *Reader, p string) {
	worked := false
	for day, spans := range d.Hours.week() {
		opt := p + ".hours." + strings.ToLower(time.Weekday(day).String())
		last := 0
		for _, s := range spans {
			sp, err := calendar.ParseSpan(s)
			if err != nil {
				r.fail(opt, "%v", err)
				continue
			}
			if sp.From < last {
				r.fail(opt, "spans must be in order and not overlap")
			}
			last = sp.To
			worked = worked || sp.To-sp.From >= int(time.Duration(d.Hours.Slot)/time.Minute)
		}
	}
	if !worked {
		r.fail(p+".hours", "no day has working hours as long as a slot")
	}
	if s := time.Duration(d.Hours.Slot); s < 5*time.Minute || s > 4*time.Hour {
		r.fail(p+".hours.slot", "must lie between \"5m\" and \"4h\"")
	}
	for _, f := range d.Hours.Focus {
		if _, _, err := parseFocus(f); err != nil {
			r.fail(p+".hours.focus", "%v", err)
		}
	}
	for opt, list := range map[string][]string{"holidays": d.Hours.Holidays, "worked": d.Hours.Worked} {
		for _, h := range list {
			if _, _, err := ParseHolidays(h); err != nil {
				r.fail(p+".hours."+opt, "%v", err)
			}
		}
	}
	for _, n := range d.Hours.Regions {
		if known := calendar.Regions(); !slices.Contains(known, n) {
			r.fail(p+".hours.regions", "the public holidays of %q are not known%s; list them under holidays, or take one of %s", n, DidYouMean(n, known), strings.Join(known, " "))
		}
	}
}

// parseFocus reads "09:00-10:00", for every day, or "wed 13:00-15:00".
func parseFocus(s string) (days []time.Weekday, span calendar.Span, err error) {
	day, rest, named := strings.Cut(strings.TrimSpace(strings.ToLower(s)), " ")
	if !named {
		rest = day
	}
	if span, err = calendar.ParseSpan(rest); err != nil {
		return nil, span, fmt.Errorf("%q is not a span like \"09:00-10:00\" or \"wed 13:00-15:00\"", s)
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if name := strings.ToLower(d.String()); !named || day == name || day == name[:3] {
			days = append(days, d)
		}
	}
	if len(days) == 0 {
		return nil, span, fmt.Errorf("%q: %q is no day of the week", s, day)
	}
	return days, span, nil
}

func (d *DeskConfig) checkCalendars(r *Reader, p, base, file string) {
	for opt, list := range map[string][]string{"busy_caldav": d.Calendar.BusyDAV, "publish": {d.Calendar.Publish}} {
		for _, a := range list {
			if u, err := url.Parse(a); a != "" && (err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !(u.Scheme == "http" && d.Calendar.Private)) {
				r.fail(p+".calendar."+opt, "%q is no https address of a CalDAV calendar (its login stands in [desk.calendar.login])", a)
			}
		}
	}
	d.Calendar.Login.check(r, p+".calendar.login", base, file, d.Calendar.Login.Username != "")
	for _, a := range d.Calendar.Busy {
		u, err := url.Parse(a)
		if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && d.Calendar.Private) {
			r.fail(p+".calendar.busy", "one of the addresses is no https address") // it is a secret: not shown
		}
	}
	switch {
	case d.Calendar.Deliver == "feed":
	case d.Calendar.Deliver != desk.DeliverInvite:
		r.fail(p+".calendar.deliver", "%q is neither \"feed\" nor \"invite\"", d.Calendar.Deliver)
	case d.SMTP.Host == "":
		r.fail(p+".calendar.deliver", "\"invite\" needs [desk.smtp], to send the invitations")
	case strings.EqualFold(d.LogAddress, d.Email):
		r.fail(p+".calendar.deliver", "\"invite\" needs a log_address that isn't your own address: calendars don't answer invitations from oneself")
	}
	if d.Calendar.Times != "utc" && d.Calendar.Times != "zone" {
		r.fail(p+".calendar.times", "%q is neither \"utc\" nor \"zone\"", d.Calendar.Times)
	}
	if d.Calendar.Poll < Duration(time.Minute) {
		r.fail(p+".calendar.poll", "must be at least \"1m\"")
	}
}

// mostDaysOff bounds a span of days off: a year.
const mostDaysOff = 366

// ParseHolidays reads a day as parseHoliday does, or a span "2026-08-03..2026-08-14".
func ParseHolidays(s string) (days []desk.Date, yearly bool, err error) {
	from, to, span := strings.Cut(s, "..")
	first, yearly, err := parseHoliday(strings.TrimSpace(from))
	if err != nil || !span {
		return []desk.Date{first}, yearly, err
	}
	last, yearlyToo, err := parseHoliday(strings.TrimSpace(to))
	if err != nil || yearly != yearlyToo || last.Before(first) || last.DaysSince(first) > mostDaysOff {
		return nil, false, fmt.Errorf("%q is not a span of days like \"2026-08-03..2026-08-14\"", s)
	}
	for d := first; !d.After(last); d = d.AddDays(1) {
		days = append(days, d)
	}
	return days, yearly, nil
}

// parseHoliday reads "2026-12-25", or "12-25" for every year.
func parseHoliday(s string) (d desk.Date, yearly bool, err error) {
	if len(s) == 5 {
		if d, err = desk.ParseDate("2024-" + s); err == nil { // a leap year: 02-29 is a day
			return d, true, nil
		}
	} else if d, err = desk.ParseDate(s); err == nil {
		return d, false, nil
	}
	return d, false, fmt.Errorf("%q is not a day like \"2026-12-25\" or \"12-25\"", s)
}

func (d *DeskConfig) checkCycle(r *Reader, p string) {
	for opt, v := range map[string]Duration{"every": d.Cycle.Every, "open_order": d.Cycle.OpenOrder, "past_client": d.Cycle.PastClient, "met": d.Cycle.Met, "not_interested": d.Cycle.NotInterested} {
		if v.Days() < 1 {
			r.fail(p+".cycle."+opt, "must be at least \"1d\"")
		}
	}
	for opt, v := range map[string]int{"first_call": d.Cycle.FirstCall, "spread": d.Cycle.Spread, "left_message": d.Cycle.LeftMessage} {
		if v < 1 || v > 400 {
			r.fail(p+".cycle."+opt, "must lie between 1 and 400 working days")
		}
	}
	for opt, v := range map[string]int{"new_per_week": d.Cycle.NewPerWeek, "base": d.Cycle.Base, "many_tries": d.Cycle.ManyTries} {
		if v < 1 || v > 100_000 {
			r.fail(p+".cycle."+opt, "must lie between 1 and 100000")
		}
	}
	if len(d.Cycle.NoAnswer) == 0 {
		r.fail(p+".cycle.no_answer", "needs at least one number of working days")
	}
	for _, s := range d.Cycle.NoAnswer {
		if n, err := strconv.Atoi(s); err != nil || n < 1 || n > 400 {
			r.fail(p+".cycle.no_answer", "%q is not a number of working days", s)
		}
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

// oauthNeeded reports whether a login wants an access token that no command prints.
func (d *DeskConfig) oauthNeeded() bool {
	for _, s := range []*SecretConfig{&d.IMAP.SecretConfig, &d.SMTP.SecretConfig} {
		if s.Auth == "oauth2" && !s.Given() {
			return true
		}
	}
	return false
}

func (o *OAuthConfig) check(r *Reader, p, base, file string, needed bool) {
	o.ClientSecretFile = resolve(base, o.ClientSecretFile)
	if o.Provider != "" && o.Provider != "google" && o.Provider != "microsoft" {
		r.fail(p+".provider", "%q is neither google nor microsoft; leave it out and give auth_url and token_url", o.Provider)
	}
	for opt, u := range map[string]string{".auth_url": o.AuthURL, ".token_url": o.TokenURL, ".device_url": o.DeviceURL} {
		if u == "" {
			continue
		}
		if a, err := url.Parse(u); err != nil || a.Host == "" || a.Scheme != "https" && !(a.Scheme == "http" && Loopback(a.Hostname())) {
			r.fail(p+opt, "%q is no https address", u)
		}
	}
	if o.ClientSecret != "" && o.ClientSecretFile != "" {
		r.fail(p+".client_secret", "give the secret in one way only")
	}
	if o.ClientSecretFile != "" {
		if err := seal.Private(o.ClientSecretFile); err != nil {
			r.fail(p+".client_secret_file", "%v", err)
		}
	}
	if o.ClientSecret != "" {
		if err := seal.Private(file); err != nil {
			r.fail(p+".client_secret", "%v", err)
		}
	}
	if o.RedirectPort < 0 || o.RedirectPort > 65535 {
		r.fail(p+".redirect_port", "%d is not a port", o.RedirectPort)
	}
	if !needed {
		return
	}
	if o.ClientID == "" {
		r.fail(p+".client_id", "auth = \"oauth2\" without a password_command needs [desk.oauth] with your client_id; the README says how to get one")
	}
	if o.Provider == "" && (o.TokenURL == "" || o.AuthURL == "" && o.DeviceURL == "") {
		r.fail(p+".provider", "say google or microsoft, or give token_url and auth_url")
	}
}
