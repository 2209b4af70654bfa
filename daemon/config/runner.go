package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
	"fifthcall/mailbox"
	"fifthcall/mailbox/message"
)

// Rules are what the configuration says about a desk.
type Rules struct {
	Cfg    DeskConfig
	Zone   *time.Location
	Hours  *calendar.Hours
	Circle *desk.Circle
	Sets   desk.Settings

	Letters   *letter.Set
	Sequences letter.Sequences
	Broken    string // what is wrong with the desk's own letters, "" for nothing
}

// NewRules makes the rules of a desk's configuration.
func NewRules(cfg DeskConfig) (Rules, error) {
	zone, err := time.LoadLocation(cfg.Timezone)
	if err != nil {
		return Rules{}, fmt.Errorf("desk %s: zone: %w", cfg.Name, err)
	}
	hours, err := cfg.hours(zone)
	if err != nil {
		return Rules{}, fmt.Errorf("desk %s: %w", cfg.Name, err)
	}
	rs := Rules{Cfg: cfg, Zone: zone, Hours: hours, Circle: cfg.Circle(), Sets: cfg.settings()}
	rs.ReadLetters()
	return rs, nil
}

// ReadLetters reads the desk's letters and sequences. What is wrong with some is told, the others are used.
func (rs *Rules) ReadLetters() {
	dirs := []string{rs.Cfg.agencyLetters, rs.Cfg.Letters.Dir}
	var err, err2 error
	rs.Letters, err = letter.Load(dirs...)
	rs.Sequences, err2 = letter.LoadSequences(dirs...)
	if err = errors.Join(err, err2, rs.Letters.Check(), rs.Sequences.Check(rs.Letters)); err != nil {
		rs.Broken = err.Error()
	}
}

func (d *DeskConfig) hours(zone *time.Location) (*calendar.Hours, error) {
	h := &calendar.Hours{Zone: zone, Slot: time.Duration(d.Hours.Slot)}
	for day, spans := range d.Hours.week() {
		for _, s := range spans {
			sp, err := calendar.ParseSpan(s)
			if err != nil {
				return nil, err
			}
			h.Week[day] = append(h.Week[day], sp)
		}
	}
	for _, f := range d.Hours.Focus {
		days, span, err := parseFocus(f)
		if err != nil {
			return nil, err
		}
		for _, day := range days {
			h.Focus[day] = append(h.Focus[day], span)
		}
	}
	public, err := calendar.PublicHolidays(d.Hours.Regions)
	if err != nil {
		return nil, err
	}
	free, err := dayList(d.Hours.Holidays)
	if err != nil {
		return nil, err
	}
	worked, err := dayList(d.Hours.Worked)
	if err != nil {
		return nil, err
	}
	h.Free = func(t time.Time) bool { // the desk's own lists win over the public holidays
		day := desk.DateOf(t)
		return free(day) || public(t) && !worked(day)
	}
	return h, nil
}

// dayList tells the days of a list.
func dayList(list []string) (func(desk.Date) bool, error) {
	once, yearly := map[desk.Date]bool{}, map[desk.Date]bool{}
	for _, s := range list {
		days, every, err := ParseHolidays(s)
		if err != nil {
			return nil, err
		}
		for _, d := range days {
			if every {
				yearly[desk.Date{Month: d.Month, Day: d.Day}] = true
			} else {
				once[d] = true
			}
		}
	}
	return func(d desk.Date) bool { return once[d] || yearly[desk.Date{Month: d.Month, Day: d.Day}] }, nil
}

func (d *DeskConfig) settings() desk.Settings {
	c := &d.Cycle
	s := desk.Settings{
		CycleDays: c.Every.Days(), FirstCallDays: c.FirstCall, SpreadDays: c.Spread, OpenOrderDays: c.OpenOrder.Days(), PastClientDays: c.PastClient.Days(),
		MetDays: c.Met.Days(), LeftMessageDays: c.LeftMessage, NotInterested: c.NotInterested.Days(), CallbacksPerDay: d.CallbacksPerDay,
		NewPerWeek: c.NewPerWeek, BaseGoal: c.Base, ManyTries: c.ManyTries, ClientCare: d.Orders.clientCare(),
		MailCloses: c.DecisionMaker == closedByAny, VoiceOnly: c.Candidate == closedByVoice,
	}
	for _, n := range c.NoAnswer {
		v, _ := strconv.Atoi(n)
		s.NoAnswerDays = append(s.NoAnswerDays, v)
	}
	return s
}

// Own are the recruiter's canonical addresses.
func (d *DeskConfig) Own() []string {
	out := []string{message.Canonical(d.Email)}
	for _, a := range d.Aliases {
		out = append(out, message.Canonical(a))
	}
	return out
}

// Circle tells the recruiter's own people from outsiders.
func (d *DeskConfig) Circle() *desk.Circle {
	domains := d.Colleagues
	if domains == nil {
		if _, dom, _ := strings.Cut(message.Canonical(d.Email), "@"); !message.FreeMail(dom) {
			domains = []string{dom}
		}
	}
	return desk.NewCircle(d.Own(), domains, d.NeverLog)
}

// Account is the login to the mailbox.
func (c *IMAPConfig) Account() (mailbox.Account, error) {
	tc, err := tlsConfig(c.CAFile)
	return mailbox.Account{
		Host: c.Host, Port: c.Port, Security: mailbox.Security(c.Security), Username: c.Username,
		OAuth2: c.Auth == "oauth2", Secret: c.Read, TLS: tc,
	}, err
}

// Account is the login to the submission server.
func (c *SMTPConfig) Account() (mailbox.Account, error) {
	tc, err := tlsConfig(c.CAFile)
	return mailbox.Account{
		Host: c.Host, Port: c.Port, Security: mailbox.Security(c.Security), Username: c.Username,
		OAuth2: c.Auth == "oauth2", Secret: c.Read, TLS: tc,
	}, err
}
