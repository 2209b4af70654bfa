package desk

// RoleWords are the roles as the grammar reads them.
var RoleWords = map[string]string{
	string(RoleDecisionMaker): "decision maker", string(RoleNone): "not a contact",
}

// ManyChanges is from how many changes in one mail on an echo is sent unasked.
const ManyChanges = 5

// Help is what can be answered, in lines.
func Help() []string {
	return []string{
		"1 spoke, keen, call 2w – a conversation, with a note and the next call",
		"2 vm – left a message · 3 na – no answer · 4 emailed · 5 messaged · 6 met",
		"2 thu 10am – move it · 2 done · 2 cancel · 1,2,5 vm – several at once · rest na – all others",
		"4 not interested · 4 wrong number · 4 left company · 4 do not contact",
		"5 no answer needed – a mail that needs none",
		"6 dm, 6 candidate – what somebody is · 6 note … · 6 address new@firm.example · 6 number +44 …",
		"new: Li Sato <li@globex.example>, HR director at Globex – a new contact",
		"undo – takes back your latest answer to that mail · undo 2 – the latest about item 2",
		"An address or a name works in place of a number, in a mail to yourself as well.",
	}
}
