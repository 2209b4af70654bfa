package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/daemon/desk/words"
	"fifthcall/daemon/store"
	"fifthcall/daemon/work/people"
)

// LogText applies what somebody wrote in the shell or on the page: all of it, or nothing if a part wasn't understood. It can be taken back with
// “undo”, there or in a mail to oneself.
func LogText(ctx context.Context, r *book.Runner, text string, now time.Time) ([]book.Result, error) {
	out, _, err := LogOnce(ctx, r, "", text, now)
	return out, err
}

// LogOnce is logText for words with an identity, which are taken once; again reports that they were before.
func LogOnce(ctx context.Context, r *book.Runner, identity, text string, now time.Time) (out []book.Result, again bool, err error) {
	rs := r.Current()
	cmds := words.ParseCommands(text, rs.Grammar(now))
	if len(cmds) == 0 {
		return nil, false, desk.Usage("nothing to log in %q: say for example 'jane@acme.example spoke, call 2w'", text)
	}
	return SayAll(ctx, r, identity, cmds, now)
}

// SayAll applies what was said in the shell or on the page, and notes how to take it back.
func SayAll(ctx context.Context, r *book.Runner, identity string, cmds []words.Command, now time.Time) (out []book.Result, again bool, err error) {
	rs := r.Current()
	err = r.UpdateAt(ctx, now, func(tx *store.Tx, env desk.Env) error {
		out = nil
		if identity != "" {
			if again, err = tx.Obeyed(identity); again || err != nil {
				return err
			}
			if err := tx.SetObeyed(identity, env.Now); err != nil {
				return err
			}
		}
		o := &reply{in: &people.Intake{R: r, Rules: &rs, Tx: tx, Env: env}, journal: desk.JournalName(""), source: desk.SourceShell}
		for _, c := range cmds {
			if err := o.say(c); err != nil {
				return err
			}
		}
		for _, res := range o.results {
			out = append(out, res.logged)
		}
		if len(o.done.Changes) == 0 {
			return nil
		}
		return NoteReply(tx, env, o.source, o.done.Changes...)
	})
	return out, again, err
}

// NoteReply notes what was done at a door that isn't a mail, so that it can be taken back.
func NoteReply(tx *store.Tx, env desk.Env, source string, changes ...desk.Change) error {
	n, err := tx.NextOrdinal()
	return errors.Join(err, AppendReply(tx, desk.JournalName(""), desk.Reply{Identity: fmt.Sprintf("%s:%d", source, n), Time: env.Now.UTC(), Changes: changes}))
}

// say applies one line of the shell's; what a mail would be asked back for is an error here.
func (o *reply) say(cmd words.Command) error {
	cmd, _, err := o.leftPlaced(cmd)
	if err != nil {
		return err
	}
	switch cmd.Verb {
	case words.VerbUnknown:
		return desk.Usage("not understood: %q: %s; nothing was logged", cmd.Line, cmd.Error)
	case words.VerbHelp:
		return desk.Usage("%s", strings.Join(desk.Help(), "\n"))
	case words.VerbUndo:
		err = o.undo(cmd)
	default:
		err = o.one(cmd, desk.Target{Name: cmd.Ref})
	}
	if err == nil {
		err = o.problem
	}
	if err != nil {
		return err
	}
	if last := &o.results[len(o.results)-1]; last.asked != "" {
		return desk.Usage("%s; nothing was changed", last.asked)
	}
	for i := range o.results {
		if res := &o.results[i]; res.logged.Said == "" {
			res.logged = book.Result{Ref: res.cmd.Ref, Verb: res.cmd.Verb, Said: res.said}
		}
	}
	return nil
}
