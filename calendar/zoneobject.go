package calendar

import (
	"bytes"
	"time"
)

// zoneSpan are the years for which a zone is told.
var zoneFrom, zoneTo = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)

// ZoneObject is an object that holds a zone and nothing else (RFC 4791, 5.2.2).
func ZoneObject(zone *time.Location) []byte {
	var b bytes.Buffer
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Fifthcall//Callbacks//EN\r\n")
	b.Write(VTimezone(zone, zoneFrom, zoneTo))
	b.WriteString("END:VCALENDAR\r\n")
	return b.Bytes()
}

// ReadZone is the zone of the first VTIMEZONE in data, or other where there is none that is known.
func ReadZone(data []byte, other *time.Location) *time.Location {
	for _, c := range readComponents(data) {
		for _, p := range c.parts {
			if p.name == "VTIMEZONE" {
				if z := namedZone(p.prop("TZID").value); z != nil {
					return z
				}
			}
		}
	}
	return other
}
