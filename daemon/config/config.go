package config

import (
	"context"
	"strconv"
	"time"

	"fifthcall/daemon/desk"
)

// Config is the configuration file. Each field's tags say its option's name (opt), its
// default (def), where it applies, and its meaning (doc); config.example.toml shows the
// same, and a test holds the two together.
type Config struct {
	Store     StoreConfig      `opt:"store" doc:"where state is kept"`
	HTTP      HTTPConfig       `opt:"http" doc:"the page and the feed"`
	Metrics   MetricsConfig    `opt:"metrics" doc:"figures for Prometheus"`
	Log       LogConfig        `opt:"log" doc:"what is written to standard error"`
	Notify    NotifyConfig     `opt:"notify" doc:"how to reach you when mail itself is the trouble"`
	Sales     SalesConfig      `opt:"sales" doc:"the sales day of all desks together"`
	Orders    OrdersConfig     `opt:"orders" doc:"job orders"`
	Playbooks []PlaybookConfig `opt:"playbook" doc:"how orders of a kind are worked; the first that fits counts"`
	Agency    AgencyConfig     `opt:"agency" doc:"what holds between desks"`
	Letters   AgencyLetters    `opt:"letters" doc:"what all desks' letters have in common"`
	Desks     []DeskConfig     `opt:"desk" doc:"one table for each recruiter"`

	Path string // the file it was read from
}

// StoreConfig says where state lives.
type StoreConfig struct {
	Dir string `opt:"dir" def:"state" doc:"the folder with all state, relative to this file; readable by its owner only"`
}

// HTTPConfig says how the page and feed are served.
type HTTPConfig struct {
	Listen    string `opt:"listen" def:"127.0.0.1:8025" doc:"address and port to listen on"`
	Plain     bool   `opt:"plain" def:"false" doc:"let it listen beyond this machine without a certificate: only where nobody can listen in"`
	PublicURL string `opt:"public_url" doc:"the address under which others reach it, such as https://calls.firm.example, when a proxy stands before it"`
	TLSCert   string `opt:"tls_cert" doc:"certificate chain (PEM), to serve https itself"`
	TLSKey    string `opt:"tls_key" doc:"the certificate's key (PEM)"`
}

// MetricsConfig separates the metrics.
type MetricsConfig struct {
	Listen string `opt:"listen" doc:"serve /metrics on this address instead of the page's"`
}

// LogConfig says what is logged.
type LogConfig struct {
	Level  string `opt:"level" def:"info" doc:"debug, info, warn or error"`
	Format string `opt:"format" def:"text" doc:"text or json"`
}

// NotifyConfig is how the recruiter is told when mail can't tell her.
type NotifyConfig struct {
	Command []string `opt:"command" doc:"program and arguments, run with the desk and the message added as two more arguments"`
}

// OrdersConfig is what holds for all job orders.
type OrdersConfig struct {
	StandardFee  int      `opt:"standard_fee" def:"20" doc:"percent of the first year's pay from which on an order can be ranked A"`
	Guarantee    []string `opt:"guarantee" def:"30d 100|60d 50|90d 25" doc:"what goes back to the client if somebody leaves within so many days of the start, in percent of the fee"`
	Payment      Duration `opt:"payment" def:"14d" doc:"within what time of the start an invoice has to be paid; later the guarantee is void"`
	Introduction Duration `opt:"introduction" def:"365d" doc:"for how long a client owes a fee for somebody whom you introduced: meanwhile the back-door alarm watches"`
	ClientCare   []string `opt:"client_care" def:"4|30" doc:"days after the first day on which the client is called, beside the guarantee's end"`
	Notice       Duration `opt:"notice" def:"7d" doc:"within what time the client has to tell that somebody left"`
}

// clientCare are the days of client_care; the configuration was checked.
func (c *OrdersConfig) clientCare() (days []int) {
	for _, s := range c.ClientCare {
		if n, err := strconv.Atoi(s); err == nil {
			days = append(days, n)
		}
	}
	return days
}

// PlaybookConfig is how orders of a kind are worked.
type PlaybookConfig struct {
	Name     string   `opt:"name" doc:"by which an order can be given it: JO7 playbook contract"`
	Client   string   `opt:"client" doc:"part of the client's name; any by default"`
	Rank     string   `opt:"rank" doc:"A, B or C; any by default"`
	Words    []string `opt:"words" doc:"one of which is in what was told; any by default"`
	CallBack Duration `opt:"call_back" def:"1h" doc:"working time until the client is called back"`
	Qualify  int      `opt:"qualify" def:"0" doc:"working days until the order is qualified, by the end of the day"`
	Submit   int      `opt:"submit" def:"1" doc:"working days until somebody is submitted, by the same hour"`
	Feedback int      `opt:"feedback" def:"2" doc:"working days until the client's feedback"`
	Steps    []string `opt:"steps" doc:"further steps, such as \"call ask for the spec in 4h\", \"task post the advert in 1d\", \"mail client-check-in in 5d\"; behind it \"by\" and the name of the desk that does it, if that is another one"`
}

// AgencyConfig is what holds between desks.
type AgencyConfig struct {
	Clients   string   `opt:"clients" def:"flag" doc:"whom a client belongs to that several desks know: the desk that has an order of theirs, else the one that spoke to its people last. flag tells whoever calls there or takes an order whose client it is; hand-over also gives the order to that desk; free says nothing"`
	OwnerDays Duration `opt:"owner_days" def:"180d" doc:"for how long a conversation makes a client a desk's"`
	Subjects  bool     `opt:"subjects" def:"false" doc:"let subjects of mails go to the other desk with a hand-over; notes that begin with “private” never do"`
}

// The rules for clients that several desks know.
const (
	ClientsFree     = "free"
	ClientsFlag     = "flag"
	ClientsHandOver = "hand-over"
)

// SalesConfig is the sales day, once a month.
type SalesConfig struct {
	Day      string   `opt:"day" def:"second tue" doc:"which day of each month, such as \"second tue\" or \"last thu\"; none for no sales days"`
	Sessions []string `opt:"sessions" def:"09:00-10:30|11:00-12:30|13:30-15:00|15:30-17:00" doc:"its power sessions: overdue calls, red targets, open orders, candidates to market, in turn"`
}

// DeskConfig is one desk.
type DeskConfig struct {
	Name            string   `opt:"name" doc:"a short name for the desk: letters, digits, - and _"`
	Email           string   `opt:"email" doc:"the recruiter's address"`
	Aliases         []string `opt:"aliases" doc:"her other addresses"`
	Colleagues      []string `opt:"colleagues" doc:"domains of colleagues, who never become contacts; by default the domain of email, unless it is a free-mail provider's"`
	NeverLog        []string `opt:"never_log" doc:"addresses, or @domains, that are never logged"`
	ColleagueDays   int      `opt:"colleague_days" def:"14" doc:"for how many days a colleague's conversation with somebody is told before you call them"`
	Lead            bool     `opt:"lead" def:"false" doc:"sees the figures of all desks: in its morning mail, on its page, and all companies that are red at the month's end"`
	Team            string   `opt:"team" doc:"the desk's team: 'fifthcall feed url --team NAME' is a feed of all its desks"`
	LogAddress      string   `opt:"log_address" doc:"mail to it is logged: Bcc it, forward to it, or send it a command; by default your address with +log; if your server knows no such addresses, your own address: then only mail with the token that the morning mail shows in its subject is logged"`
	AuthservID      string   `opt:"authserv_id" doc:"the name that your mail server writes into Authentication-Results; needed for commands that don't lie in Sent"`
	Delegates       []string `opt:"delegates" doc:"addresses of others who may command this desk"`
	Languages       []string `opt:"languages" doc:"languages of replies beside English: de, fr, es, nl"`
	MonthFirst      bool     `opt:"month_first" def:"false" doc:"read 3/4 as 4 March"`
	Timezone        string   `opt:"timezone" def:"UTC" doc:"IANA name, such as Europe/London"`
	History         Duration `opt:"history" def:"365d" doc:"how far back the first run reads"`
	CallbacksPerDay int      `opt:"callbacks_per_day" def:"20" doc:"capacity: more callbacks are never put on one day"`

	IMAP     IMAPConfig     `opt:"imap" doc:"the mailbox"`
	SMTP     SMTPConfig     `opt:"smtp" doc:"how mail is sent; may be absent"`
	Folders  FoldersConfig  `opt:"folders" doc:"which folders are read"`
	OAuth    OAuthConfig    `opt:"oauth" doc:"sign-in by OAuth2, for auth = \"oauth2\": see 'fifthcall oauth login'"`
	Morning  MorningConfig  `opt:"morning" doc:"the one mail of the day to you"`
	Letters  LettersConfig  `opt:"letters" doc:"letters to candidates and clients, and how they leave"`
	Calendar CalendarConfig `opt:"calendar" doc:"your other calendars"`
	Hours    HoursConfig    `opt:"hours" doc:"when callbacks may lie; breaks are the gaps, [] is a free day"`
	Cycle    CycleConfig    `opt:"cycle" doc:"when people are called again"`

	agencyLetters string // folder of the agency's letters
	Sales         SalesConfig
	Orders        OrdersConfig
	Agency        AgencyConfig
	Playbooks     []desk.Playbook
}

// SecretConfig is the ways to give a secret.
type SecretConfig struct {
	Password        string   `opt:"password" doc:"the password itself; then this file must be readable by you only"`
	PasswordFile    string   `opt:"password_file" doc:"a file that holds the password, readable by you only"`
	PasswordEnv     string   `opt:"password_env" doc:"an environment variable that holds it"`
	PasswordCommand []string `opt:"password_command" doc:"a program and its arguments that print it"`
	Auth            string   `opt:"auth" def:"password" doc:"password, or oauth2: then the secret is an access token, asked for at each sign-in; without one of the above it comes from 'fifthcall oauth login'"`

	access func(context.Context) (string, error) // gets the token of 'oauth login', where the daemon has it
}

// UseTokens has the logins whose token comes from 'oauth login' ask for it by access.
func (c *Config) UseTokens(access func(ctx context.Context, desk string) (string, error)) {
	for i := range c.Desks {
		d := &c.Desks[i]
		for _, s := range []*SecretConfig{&d.IMAP.SecretConfig, &d.SMTP.SecretConfig} {
			if s.Auth == "oauth2" && !s.Given() {
				s.access = func(ctx context.Context) (string, error) { return access(ctx, d.Name) }
			}
		}
	}
}

// IMAPConfig is the mailbox.
type IMAPConfig struct {
	Host     string `opt:"host" doc:"the IMAP server"`
	Port     int    `opt:"port" doc:"993 with tls, 143 otherwise, unless given"`
	Security string `opt:"security" def:"tls" doc:"tls, starttls, or none (only towards this machine)"`
	Username string `opt:"username" doc:"the login"`
	SecretConfig
	Poll     Duration `opt:"poll" def:"30s" doc:"how often folders that can't be watched are looked at"`
	IdleSent bool     `opt:"idle_sent" def:"true" doc:"watch Sent over a third connection, too"`
	CAFile   string   `opt:"ca_file" doc:"certificates (PEM) to trust in place of the system's"`
}

// SMTPConfig is the submission server.
type SMTPConfig struct {
	Host     string `opt:"host" doc:"the submission server"`
	Port     int    `opt:"port" doc:"465 with tls, 587 otherwise, unless given"`
	Security string `opt:"security" def:"tls" doc:"tls, starttls, or none (only towards this machine)"`
	Username string `opt:"username" doc:"the login; absent for none (only towards this machine)"`
	SecretConfig
	CAFile string `opt:"ca_file" doc:"certificates (PEM) to trust in place of the system's"`
}

// MorningConfig is the morning mail.
type MorningConfig struct {
	Send    bool   `opt:"send" def:"true" doc:"send it at all"`
	At      string `opt:"at" def:"07:30" doc:"the time of day, on working days"`
	Deliver string `opt:"deliver" doc:"smtp, or append: put straight into INBOX, past any spam filter; append without [desk.smtp]"`
}

// AgencyLetters is where the agency's letters are.
type AgencyLetters struct {
	Dir string `opt:"dir" doc:"a folder with the agency's letters and sequences, over the built-in ones; relative to this file"`
}

// LettersConfig says how letters leave.
type LettersConfig struct {
	Dir             string   `opt:"dir" doc:"a folder with this desk's letters and sequences, over the agency's"`
	Name            string   `opt:"name" doc:"your name as letters show it; by default made of the desk's name"`
	Phone           string   `opt:"phone" doc:"the number that candidates are told to call"`
	Signature       string   `opt:"signature" doc:"what stands below every letter, in lines; by default your name and address"`
	Language        string   `opt:"language" def:"en" doc:"of letters to people whose language isn't known: en or de, or one of your own letters"`
	Mode            string   `opt:"mode" def:"draft" doc:"how letters leave: draft (laid into Drafts), approve (\"send 3\" in answer to the morning mail), auto, or off"`
	Draft           []string `opt:"draft" doc:"letters that are drafts all the same"`
	Approve         []string `opt:"approve" doc:"letters that wait for your word"`
	Auto            []string `opt:"auto" doc:"letters that are sent by themselves when they are due"`
	Off             []string `opt:"off" doc:"letters that are not written"`
	Lead            int      `opt:"lead" def:"1" doc:"working days before it is due that a letter is written"`
	Window          string   `opt:"window" def:"08:00-19:00" doc:"when letters are sent, on working days, in the recipient's zone"`
	PerHour         int      `opt:"per_hour" def:"20" doc:"letters in an hour at most"`
	PerDay          int      `opt:"per_day" def:"100" doc:"letters in a day at most"`
	Gap             Duration `opt:"gap" def:"90s" doc:"between two letters at least"`
	FilesSent       string   `opt:"files_sent" def:"auto" doc:"whether your provider files sent mail by itself: auto, yes or no"`
	InvitePrep      bool     `opt:"invite_prep" def:"false" doc:"invite candidates to the prep call, by the letter prep-call with an event for their calendar; updates and cancellations follow"`
	StopOnOwnMail   bool     `opt:"stop_on_own_mail" def:"true" doc:"a sequence ends when you write to the person yourself"`
	StopOnColleague bool     `opt:"stop_on_colleague" def:"false" doc:"and when somebody else of the same company answers"`
}

// OAuthConfig is the desk's client at an authorisation server.
type OAuthConfig struct {
	Provider         string   `opt:"provider" doc:"google or microsoft; leave it out to give the addresses yourself"`
	ClientID         string   `opt:"client_id" doc:"of your own registration with the provider"`
	ClientSecret     string   `opt:"client_secret" doc:"its secret, where the provider gives one; then this file must be readable by you only"`
	ClientSecretFile string   `opt:"client_secret_file" doc:"a file that holds it, readable by you only"`
	Tenant           string   `opt:"tenant" def:"common" doc:"Microsoft's directory: its ID or domain"`
	AuthURL          string   `opt:"auth_url" doc:"where you consent"`
	TokenURL         string   `opt:"token_url" doc:"where tokens are got"`
	DeviceURL        string   `opt:"device_url" doc:"where device codes are got; for a server without a browser"`
	Scopes           []string `opt:"scopes" doc:"what is asked for; the provider's for mail by default"`
	RedirectPort     int      `opt:"redirect_port" doc:"port on this machine to which the browser comes back; any free one by default"`
}

// FoldersConfig says which folders are read.
type FoldersConfig struct {
	Sent  string   `opt:"sent" doc:"the folder of sent mail; found by itself unless given"`
	Read  []string `opt:"read" doc:"folders to read beside INBOX and Sent"`
	Verbs bool     `opt:"verbs" def:"false" doc:"make folders below Fifthcall/ whose names are commands: a mail moved there is the command"`
	Star  string   `opt:"star" doc:"what a star (flag) on a mail of a contact means: callback, for a call tomorrow, or nothing"`
}

// CalendarConfig is the desk's other calendars.
type CalendarConfig struct {
	Deliver string   `opt:"deliver" def:"feed" doc:"how callbacks reach your calendar: feed (subscribe to it, or by CalDAV), or invite: each comes as an invitation by mail, for Outlook and Google"`
	Times   string   `opt:"times" def:"utc" doc:"how feeds write times: utc, or zone (your own, with its rules)"`
	Busy    []string `opt:"busy" doc:"secret addresses (https, .ics) of calendars in which you are busy: callbacks get out of the way of meetings"`
	BusyDAV []string `opt:"busy_caldav" doc:"addresses of CalDAV calendars in which you are busy, read with [desk.calendar.login]"`
	Publish string   `opt:"publish" doc:"address of a CalDAV calendar into which callbacks are written, one-way, with [desk.calendar.login]; best an empty one of its own"`
	Private bool     `opt:"private" def:"false" doc:"let these addresses lead to this machine or a private network, and be http there"`
	Poll    Duration `opt:"poll" def:"15m" doc:"how often they are looked at"`

	Login CalendarLogin `opt:"login" doc:"the sign-in for publish and busy_caldav"`
}

// CalendarLogin is the sign-in at a CalDAV server.
type CalendarLogin struct {
	Username string `opt:"username" doc:"the login; absent for none"`
	SecretConfig
}

// HoursConfig is the desk's working time.
type HoursConfig struct {
	Monday    []string `opt:"monday" def:"09:00-17:30" doc:"spans of the day"`
	Tuesday   []string `opt:"tuesday" def:"09:00-17:30"`
	Wednesday []string `opt:"wednesday" def:"09:00-17:30"`
	Thursday  []string `opt:"thursday" def:"09:00-17:30"`
	Friday    []string `opt:"friday" def:"09:00-17:30"`
	Saturday  []string `opt:"saturday"`
	Sunday    []string `opt:"sunday"`
	Focus     []string `opt:"focus" doc:"spans kept free of callbacks, such as \"09:00-10:00\" for every day, or \"wed 13:00-15:00\""`
	Slot      Duration `opt:"slot" def:"15m" doc:"the length of a callback"`
	Regions   []string `opt:"regions" doc:"whose public holidays are free: a country such as gb, us, ie, or part of one such as de-by, ch-zh, au-nsw"`
	Holidays  []string `opt:"holidays" doc:"further free days and days off, YYYY-MM-DD, MM-DD for every year, or from..to"`
	Worked    []string `opt:"worked" doc:"public holidays that are worked all the same, likewise"`
}

// CycleConfig is the numbers of the rules.
type CycleConfig struct {
	Every         Duration `opt:"every" def:"90d" doc:"speak to every decision maker at least so often"`
	FirstCall     int      `opt:"first_call" def:"5" doc:"working days until a new decision maker is called"`
	Spread        int      `opt:"spread" def:"60" doc:"working days over which overdue callbacks are spread"`
	OpenOrder     Duration `opt:"open_order" def:"7d" doc:"after a conversation, while an order is open"`
	PastClient    Duration `opt:"past_client" def:"30d" doc:"after a conversation with a past client"`
	Met           Duration `opt:"met" def:"14d" doc:"after a meeting"`
	LeftMessage   int      `opt:"left_message" def:"2" doc:"working days after a message"`
	NoAnswer      []string `opt:"no_answer" def:"1|2|5|10" doc:"working days after the first, second … try without answer"`
	NotInterested Duration `opt:"not_interested" def:"90d" doc:"after a no"`
	NewPerWeek    int      `opt:"new_per_week" def:"10" doc:"new decision makers that a week should bring"`
	Base          int      `opt:"base" def:"500" doc:"how many decision makers ever spoken to make a base"`
	ManyTries     int      `opt:"many_tries" def:"5" doc:"tries without a conversation from which on another channel is suggested"`
	DecisionMaker string   `opt:"decision_makers" def:"voice" doc:"what counts as having spoken to a decision maker: voice, or any, then a mail of theirs does, too"`
	Candidate     string   `opt:"candidates" def:"any" doc:"likewise to a candidate"`
}

// What closes a cycle.
const (
	closedByVoice = "voice"
	closedByAny   = "any"
)

// Duration is a length of time written like "90d", "2w", "15m".
type Duration time.Duration

// Days is the duration in whole days.
func (d Duration) Days() int { return int(time.Duration(d) / (24 * time.Hour)) }
