"""Who may do what: every function of the site, called by everybody.

The functions come from the resolver and from the admin's registry. Each is called with what a
browser would send if it were allowed, so that nothing else can be what refuses it.
"""

import pytest
from django.core.cache import cache
from django.urls import reverse
from django_otp_webauthn.helpers import WebAuthnHelper

from accounts.models import User
from tests.accounts.people import PASSWORD
from tests.security.calls import admin_functions, other_functions
from tests.security.world import (
    SUBJECTS,
    address_of,
    all_patterns,
    browser_of,
    fingerprint,
    passkey_of,
    row_pages,
    taken_back,
)
from tests.test_visibility import public_patterns

# A line for each function, a column for each subject (tests/security/world.py says who they are).
#
# door, code, enrol: led to the sign-in, to the second factor, to its enrolment. did: it was done.
# A number: the status of an answer that changed nothing.
TABLE = """
#                                                     A     H     U     V     E     X     D     d     Z
index                                                 door  code  enrol 200   200   200   200   200   door
login                                                 door  code  enrol door  door  door  door  door  door
app_list                                              door  code  enrol 200   200   200   200   200   door
autocomplete                                          door  code  enrol 403   403   403   403   403   door
jsi18n                                                door  code  enrol 200   200   200   200   200   door
catch_all                                             door  code  enrol 404   404   404   404   404   door
schedule_event_current_board                          door  code  enrol 302   302   302   302   302   door
schedule_event_current_announcements                  door  code  enrol 302   302   302   302   302   door
schedule_performance_echo                             door  code  enrol 200   200   200   200   200   door
bands_bandprofile_similar                             door  code  enrol 403   200   200   200   200   door
bands_bandprofile_preview                             door  code  enrol 200   200   200   200   200   door
shared_preview of a draft                             200   200   200   200   200   200   200   200   200
profile page                                          door  code  enrol 200   200   200   200   200   door
profile                                               door  code  enrol did   did   did   did   did   door
security                                              door  code  enrol 200   200   200   200   200   door
password page                                         door  code  enrol 200   200   200   200   200   door
password                                              door  code  enrol did   did   did   did   did   door
factor_setup                                          door  code  200   200   200   200   200   200   door
app_add page                                          door  code  200   200   200   200   200   403   door
app_add                                               door  code  did   did   did   did   did   403   door
email_factor_add page                                 door  code  200   200   200   200   200   403   door
email_factor_add                                      door  code  did   did   did   did   did   403   door
factor_rename page                                    door  code  enrol 200   200   200   200   403   door
factor_rename                                         door  code  enrol did   did   did   did   403   door
factor_remove page                                    door  code  enrol 200   200   200   200   403   door
factor_remove                                         door  code  enrol did   did   did   did   403   door
codes_make                                            door  code  enrol did   did   did   did   403   door
codes_show                                            door  code  enrol 200   200   200   200   200   door
device_revoke                                         door  code  enrol did   did   did   did   did   door
devices_revoke                                        door  code  enrol did   did   did   did   did   door
session_end                                           door  code  enrol did   did   did   did   did   door
sessions_end                                          door  code  enrol did   did   did   did   did   door
sign_in page                                          200   200   200   302   302   302   302   302   200
sign_in                                               did   did   did   302   302   302   302   302   did
factor page                                           door  200   door  door  door  door  door  door  door
factor                                                door  did   door  door  door  door  door  door  door
email_code                                            door  did   302   did   did   did   did   did   door
passkey_sign_in_begin                                 200   200   200   200   200   200   200   200   200
passkey_sign_in_finish                                did   did   did   did   did   did   did   did   did
sign_out                                              door  code  did   did   did   did   did   did   door
language_choose                                       302   302   302   302   302   302   302   302   302
confirm page                                          door  code  200   200   200   200   200   200   door
confirm                                               door  code  did   did   did   did   did   did   door
passkey_confirm_begin                                 door  code  200   200   200   200   200   200   door
passkey_confirm_finish                                door  code  did   did   did   did   did   did   door
passkey_register_begin                                door  code  did   did   did   did   did   403   door
passkey_register_finish                               door  code  did   did   did   did   did   403   door
session_left                                          door  code  200   200   200   200   200   200   door
session_stay                                          door  code  200   200   200   200   200   200   door
link_open                                             302   302   302   302   302   302   302   302   302
sign_up without a link                                410   410   410   410   410   410   410   410   410
sign_up page                                          200   200   200   200   200   200   200   200   200
sign_up                                               did   did   did   did   did   did   did   did   did
activate page                                         200   200   200   200   200   200   200   200   200
activate                                              did   did   did   did   did   did   did   did   did
reset page                                            200   200   200   200   200   200   200   200   200
reset                                                 did   did   did   did   did   did   did   did   did
unlock page                                           200   200   200   200   200   200   200   200   200
unlock                                                did   did   did   did   did   did   did   did   did
recover page                                          200   200   200   200   200   200   200   200   200
recover                                               did   did   did   did   did   did   did   did   did
resend page                                           200   200   200   200   200   200   200   200   200
resend                                                did   did   did   did   did   did   did   did   did
mailbox                                               200   200   200   200   200   200   200   200   200
home                                                  200   200   200   200   200   200   200   200   200
event_detail                                          200   200   200   200   200   200   200   200   200
event_detail of a draft                               404   404   404   404   404   404   404   404   404
event_calendar                                        200   200   200   200   200   200   200   200   200
event_calendar of a draft                             404   404   404   404   404   404   404   404   404
set_calendar                                          200   200   200   200   200   200   200   200   200
set_calendar of a draft                               404   404   404   404   404   404   404   404   404
band_list                                             200   200   200   200   200   200   200   200   200
band_detail                                           200   200   200   200   200   200   200   200   200
venue_detail                                          200   200   200   200   200   200   200   200   200
old_event_address                                     301   301   301   301   301   301   301   301   301
old_band_address                                      301   301   301   301   301   301   301   301   301
band_photo of nobody                                  404   404   404   404   404   404   404   404   404
event_poster of nothing                               404   404   404   404   404   404   404   404   404
schedule                                              200   200   200   200   200   200   200   200   200
timeline                                              200   200   200   200   200   200   200   200   200
public_events                                         200   200   200   200   200   200   200   200   200
event_details                                         200   200   200   200   200   200   200   200   200
event_details of a draft                              404   404   404   404   404   404   404   404   404
security_txt                                          200   200   200   200   200   200   200   200   200
change_password                                       302   302   302   302   302   302   302   302   302

accounts.invite list                                  door  code  enrol 403   403   403   200   200   door
accounts.invite add page                              door  code  enrol 403   403   403   200   403   door
accounts.invite add                                   door  code  enrol 403   403   403   did   403   door
accounts.invite page                                  door  code  enrol 403   403   403   200   403   door
accounts.invite save                                  door  code  enrol 403   403   403   403   403   door
accounts.invite history                               door  code  enrol 403   403   403   200   200   door
accounts.invite delete page                           door  code  enrol 403   403   403   403   403   door
accounts.invite delete                                door  code  enrol 403   403   403   403   403   door
accounts.invite action revoke                         door  code  enrol 403   403   403   did   403   door
accounts.invite action mail_again                     door  code  enrol 403   403   403   did   403   door
accounts.invite action delete_selected                door  code  enrol 403   403   403   302   302   door

accounts.user list                                    door  code  enrol 403   403   403   200   200   door
accounts.user add page                                door  code  enrol 403   403   403   403   403   door
accounts.user add                                     door  code  enrol 403   403   403   403   403   door
accounts.user page                                    door  code  enrol 403   403   403   200   403   door
accounts.user save                                    door  code  enrol 403   403   403   did   403   door
accounts.user history                                 door  code  enrol 403   403   403   200   200   door
accounts.user delete page                             door  code  enrol 403   403   403   200   403   door
accounts.user delete                                  door  code  enrol 403   403   403   did   403   door

accounts.lockout list                                 door  code  enrol 403   403   403   200   200   door
accounts.lockout add page                             door  code  enrol 403   403   403   403   403   door
accounts.lockout add                                  door  code  enrol 403   403   403   403   403   door
accounts.lockout page                                 door  code  enrol 403   403   403   200   200   door
accounts.lockout save                                 door  code  enrol 403   403   403   403   403   door
accounts.lockout history                              door  code  enrol 403   403   403   200   200   door
accounts.lockout delete page                          door  code  enrol 403   403   403   403   403   door
accounts.lockout delete                               door  code  enrol 403   403   403   403   403   door
accounts.lockout action lift                          door  code  enrol 403   403   403   did   403   door
accounts.lockout action delete_selected               door  code  enrol 403   403   403   302   302   door

accounts.usersession list                             door  code  enrol 403   403   403   200   200   door
accounts.usersession add page                         door  code  enrol 403   403   403   403   403   door
accounts.usersession add                              door  code  enrol 403   403   403   403   403   door
accounts.usersession page                             door  code  enrol 403   403   403   200   200   door
accounts.usersession save                             door  code  enrol 403   403   403   403   403   door
accounts.usersession history                          door  code  enrol 403   403   403   200   200   door
accounts.usersession delete page                      door  code  enrol 403   403   403   403   403   door
accounts.usersession delete                           door  code  enrol 403   403   403   403   403   door
accounts.usersession action end                       door  code  enrol 403   403   403   did   403   door
accounts.usersession action delete_selected           door  code  enrol 403   403   403   302   302   door

accounts.user action export                           door  code  enrol 403   403   403   did   403   door
accounts.user action delete_selected                  door  code  enrol 403   403   403   302   302   door
accounts.user act reset-password page                 door  code  enrol 403   403   403   200   403   door
accounts.user act reset-password                      door  code  enrol 403   403   403   did   403   door
accounts.user act reset-factors page                  door  code  enrol 403   403   403   200   403   door
accounts.user act reset-factors                       door  code  enrol 403   403   403   did   403   door
accounts.user act end-sessions page                   door  code  enrol 403   403   403   200   403   door
accounts.user act end-sessions                        door  code  enrol 403   403   403   did   403   door
accounts.user act deactivate page                     door  code  enrol 403   403   403   200   403   door
accounts.user act deactivate                          door  code  enrol 403   403   403   did   403   door
accounts.user act reactivate page                     door  code  enrol 403   403   403   200   403   door
accounts.user act reactivate                          door  code  enrol 403   403   403   did   403   door

accounts.trusteddevice list                           door  code  enrol 403   403   403   200   200   door
accounts.trusteddevice add page                       door  code  enrol 403   403   403   403   403   door
accounts.trusteddevice add                            door  code  enrol 403   403   403   403   403   door
accounts.trusteddevice page                           door  code  enrol 403   403   403   200   200   door
accounts.trusteddevice save                           door  code  enrol 403   403   403   403   403   door
accounts.trusteddevice history                        door  code  enrol 403   403   403   200   200   door
accounts.trusteddevice delete page                    door  code  enrol 403   403   403   403   403   door
accounts.trusteddevice delete                         door  code  enrol 403   403   403   403   403   door
accounts.trusteddevice action revoke                  door  code  enrol 403   403   403   did   403   door
accounts.trusteddevice action delete_selected         door  code  enrol 403   403   403   302   302   door

accounts.accountmail list                             door  code  enrol 403   403   403   200   200   door
accounts.accountmail add page                         door  code  enrol 403   403   403   403   403   door
accounts.accountmail add                              door  code  enrol 403   403   403   403   403   door
accounts.accountmail page                             door  code  enrol 403   403   403   200   200   door
accounts.accountmail save                             door  code  enrol 403   403   403   403   403   door
accounts.accountmail history                          door  code  enrol 403   403   403   200   200   door
accounts.accountmail delete page                      door  code  enrol 403   403   403   403   403   door
accounts.accountmail delete                           door  code  enrol 403   403   403   403   403   door
accounts.accountmail action delete_selected           door  code  enrol 403   403   403   200   200   door

accounts.authevent list                               door  code  enrol 403   403   403   200   200   door
accounts.authevent add page                           door  code  enrol 403   403   403   403   403   door
accounts.authevent add                                door  code  enrol 403   403   403   403   403   door
accounts.authevent page                               door  code  enrol 403   403   403   200   200   door
accounts.authevent save                               door  code  enrol 403   403   403   403   403   door
accounts.authevent history                            door  code  enrol 403   403   403   200   200   door
accounts.authevent delete page                        door  code  enrol 403   403   403   403   403   door
accounts.authevent delete                             door  code  enrol 403   403   403   403   403   door
accounts.authevent action export                      door  code  enrol 403   403   403   did   403   door
accounts.authevent action delete_selected             door  code  enrol 403   403   403   302   302   door

accounts.auditentry list                              door  code  enrol 403   403   403   200   200   door
accounts.auditentry add page                          door  code  enrol 403   403   403   403   403   door
accounts.auditentry add                               door  code  enrol 403   403   403   403   403   door
accounts.auditentry page                              door  code  enrol 403   403   403   200   200   door
accounts.auditentry save                              door  code  enrol 403   403   403   403   403   door
accounts.auditentry history                           door  code  enrol 403   403   403   200   200   door
accounts.auditentry delete page                       door  code  enrol 403   403   403   403   403   door
accounts.auditentry delete                            door  code  enrol 403   403   403   403   403   door
accounts.auditentry action export                     door  code  enrol 403   403   403   did   403   door
accounts.auditentry action delete_selected            door  code  enrol 403   403   403   302   302   door

bands.genre list                                      door  code  enrol 200   200   200   200   200   door
bands.genre add page                                  door  code  enrol 403   200   200   200   200   door
bands.genre add                                       door  code  enrol 403   did   did   did   did   door
bands.genre page                                      door  code  enrol 200   200   200   200   200   door
bands.genre save                                      door  code  enrol 403   did   did   did   did   door
bands.genre history                                   door  code  enrol 200   200   200   200   200   door
bands.genre delete page                               door  code  enrol 403   403   403   200   403   door
bands.genre delete                                    door  code  enrol 403   403   403   did   403   door
bands.genre action delete_selected                    door  code  enrol 200   200   200   did   403   door

bands.bandprofile list                                door  code  enrol 200   200   200   200   200   door
bands.bandprofile add page                            door  code  enrol 403   200   200   200   200   door
bands.bandprofile add                                 door  code  enrol 403   did   did   did   did   door
bands.bandprofile page                                door  code  enrol 200   200   200   200   200   door
bands.bandprofile save                                door  code  enrol 403   did   did   did   did   door
bands.bandprofile history                             door  code  enrol 200   200   200   200   200   door
bands.bandprofile delete page                         door  code  enrol 403   403   403   200   403   door
bands.bandprofile delete                              door  code  enrol 403   403   403   did   403   door
bands.bandprofile action delete_selected              door  code  enrol 200   200   200   did   403   door
bands.bandprofile inline AliasInline                  door  code  enrol 403   did   did   did   did   door
bands.bandprofile autocomplete genres                 door  code  enrol 200   200   200   200   200   door
bands.bandprofile look at shows                       door  code  enrol 200   200   200   200   200   door
bands.bandprofile do shows                            door  code  enrol 200   200   200   200   200   door
bands.bandprofile look at merge                       door  code  enrol 403   200   200   200   200   door
bands.bandprofile do merge                            door  code  enrol 403   did   did   did   did   door
bands.bandprofile look at restore_state               door  code  enrol 403   200   200   200   200   door
bands.bandprofile do restore_state                    door  code  enrol 403   did   did   did   did   door

bands.bandalias list                                  door  code  enrol 200   200   200   200   200   door
bands.bandalias add page                              door  code  enrol 403   403   403   403   403   door
bands.bandalias add                                   door  code  enrol 403   403   403   403   403   door
bands.bandalias page                                  door  code  enrol 200   200   200   200   200   door
bands.bandalias save                                  door  code  enrol 403   403   403   403   403   door
bands.bandalias history                               door  code  enrol 200   200   200   200   200   door
bands.bandalias delete page                           door  code  enrol 403   403   403   403   403   door
bands.bandalias delete                                door  code  enrol 403   403   403   403   403   door
bands.bandalias action delete_selected                door  code  enrol 200   200   200   200   200   door

bands.bandslugredirect list                           door  code  enrol 200   200   200   200   200   door
bands.bandslugredirect add page                       door  code  enrol 403   403   403   403   403   door
bands.bandslugredirect add                            door  code  enrol 403   403   403   403   403   door
bands.bandslugredirect page                           door  code  enrol 200   200   200   200   200   door
bands.bandslugredirect save                           door  code  enrol 403   403   403   403   403   door
bands.bandslugredirect history                        door  code  enrol 200   200   200   200   200   door
bands.bandslugredirect delete page                    door  code  enrol 403   403   403   403   403   door
bands.bandslugredirect delete                         door  code  enrol 403   403   403   403   403   door
bands.bandslugredirect action delete_selected         door  code  enrol 200   200   200   200   200   door

bands.bandmerge list                                  door  code  enrol 200   200   200   200   200   door
bands.bandmerge add page                              door  code  enrol 403   403   403   403   403   door
bands.bandmerge add                                   door  code  enrol 403   403   403   403   403   door
bands.bandmerge page                                  door  code  enrol 200   200   200   200   200   door
bands.bandmerge save                                  door  code  enrol 403   403   403   403   403   door
bands.bandmerge history                               door  code  enrol 200   200   200   200   200   door
bands.bandmerge delete page                           door  code  enrol 403   403   403   403   403   door
bands.bandmerge delete                                door  code  enrol 403   403   403   403   403   door
bands.bandmerge action delete_selected                door  code  enrol 200   200   200   200   200   door
bands.bandmerge look at undo                          door  code  enrol 403   200   200   200   200   door
bands.bandmerge do undo                               door  code  enrol 403   did   did   did   did   door

schedule.eventaccess list                             door  code  enrol 403   403   403   200   200   door
schedule.eventaccess add page                         door  code  enrol 403   403   403   200   403   door
schedule.eventaccess add                              door  code  enrol 403   403   403   did   403   door
schedule.eventaccess page                             door  code  enrol 403   403   403   200   200   door
schedule.eventaccess save                             door  code  enrol 403   403   403   403   403   door
schedule.eventaccess history                          door  code  enrol 403   403   403   200   200   door
schedule.eventaccess delete page                      door  code  enrol 403   403   403   200   403   door
schedule.eventaccess delete                           door  code  enrol 403   403   403   did   403   door
schedule.eventaccess action delete_selected           door  code  enrol 403   403   403   did   403   door
schedule.eventaccess autocomplete event               door  code  enrol 200   200   200   200   200   door

schedule.event list                                   door  code  enrol 200   200   200   200   200   door
schedule.event add page                               door  code  enrol 403   200   200   200   200   door
schedule.event add                                    door  code  enrol 403   did   did   did   did   door
schedule.event page                                   door  code  enrol 200   200   404   200   200   door
schedule.event save                                   door  code  enrol 403   did   404   did   did   door
schedule.event save of a given event                  door  code  enrol 403   did   did   did   did   door
schedule.event history                                door  code  enrol 200   200   404   200   200   door
schedule.event delete page                            door  code  enrol 403   403   404   200   403   door
schedule.event delete                                 door  code  enrol 403   403   404   did   403   door
schedule.event action publish                         door  code  enrol 200   did   404   did   did   door
schedule.event action publish_empty                   door  code  enrol 200   did   404   did   did   door
schedule.event action unpublish                       door  code  enrol 200   did   404   did   did   door
schedule.event action archive                         door  code  enrol 200   302   404   did   403   door
schedule.event action unarchive                       door  code  enrol 200   302   404   did   403   door
schedule.event action delete_selected                 door  code  enrol 200   302   404   302   302   door
schedule.event inline DoorsInline                     door  code  enrol 403   did   404   did   did   door
schedule.event look at announcements                  door  code  enrol 200   200   404   200   200   door
schedule.event do announcements                       door  code  enrol 405   405   404   405   405   door
schedule.event look at announce_now                   door  code  enrol 403   200   404   200   200   door
schedule.event do announce_now                        door  code  enrol 403   did   404   did   did   door
schedule.event look at announce_later                 door  code  enrol 403   200   404   200   200   door
schedule.event do announce_later                      door  code  enrol 403   did   404   did   did   door
schedule.event look at announce_not_after_all         door  code  enrol 403   405   404   405   405   door
schedule.event do announce_not_after_all              door  code  enrol 403   did   404   did   did   door
schedule.event look at reveal                         door  code  enrol 403   200   404   200   200   door
schedule.event do reveal                              door  code  enrol 403   did   404   did   did   door
schedule.event look at board                          door  code  enrol 200   200   404   200   200   door
schedule.event do board                               door  code  enrol 200   200   404   200   200   door
schedule.event look at board_data                     door  code  enrol 200   200   404   200   200   door
schedule.event do board_data                          door  code  enrol 200   200   404   200   200   door
schedule.event look at board_preview                  door  code  enrol 403   405   404   405   405   door
schedule.event do board_preview                       door  code  enrol 403   200   404   200   200   door
schedule.event look at board_save                     door  code  enrol 403   405   404   405   405   door
schedule.event do board_save                          door  code  enrol 403   did   404   did   did   door
schedule.event look at board_undo                     door  code  enrol 403   405   404   405   405   door
schedule.event do board_undo                          door  code  enrol 403   did   404   did   did   door
schedule.event look at publish                        door  code  enrol 403   200   404   200   200   door
schedule.event do publish                             door  code  enrol 403   did   404   did   did   door
schedule.event look at unpublish                      door  code  enrol 403   200   404   200   200   door
schedule.event do unpublish                           door  code  enrol 403   did   404   did   did   door
schedule.event look at archive                        door  code  enrol 403   403   404   200   403   door
schedule.event do archive                             door  code  enrol 403   403   404   did   403   door
schedule.event look at unarchive                      door  code  enrol 403   403   404   200   403   door
schedule.event do unarchive                           door  code  enrol 403   403   404   did   403   door
schedule.event look at readiness                      door  code  enrol 200   200   404   200   200   door
schedule.event do readiness                           door  code  enrol 405   405   404   405   405   door
schedule.event look at duplicate                      door  code  enrol 403   200   404   200   200   door
schedule.event do duplicate                           door  code  enrol 403   did   404   did   did   door
schedule.event look at deleted_sets                   door  code  enrol 200   200   404   200   200   door
schedule.event do deleted_sets                        door  code  enrol 403   did   404   did   did   door
schedule.event look at poster                         door  code  enrol 403   200   404   200   200   door
schedule.event do poster                              door  code  enrol 403   did   404   did   did   door
schedule.event look at export                         door  code  enrol 200   200   404   200   200   door
schedule.event do export                              door  code  enrol 405   405   404   405   405   door
schedule.event look at export_file                    door  code  enrol 200   200   404   200   200   door
schedule.event do export_file                         door  code  enrol 405   405   404   405   405   door
schedule.event look at preview                        door  code  enrol 200   200   404   200   200   door
schedule.event do preview                             door  code  enrol 405   405   404   405   405   door
schedule.event look at preview_link                   door  code  enrol 403   200   404   200   200   door
schedule.event do preview_link                        door  code  enrol 403   did   404   did   did   door
schedule.event look at restore_state                  door  code  enrol 403   200   404   200   200   door
schedule.event do restore_state                       door  code  enrol 403   did   404   did   did   door

schedule.doors list                                   door  code  enrol 200   200   200   200   200   door
schedule.doors add page                               door  code  enrol 403   403   403   403   403   door
schedule.doors add                                    door  code  enrol 403   403   403   403   403   door
schedule.doors page                                   door  code  enrol 200   200   404   200   200   door
schedule.doors save                                   door  code  enrol 403   403   403   403   403   door
schedule.doors history                                door  code  enrol 200   200   404   200   200   door
schedule.doors delete page                            door  code  enrol 403   403   403   403   403   door
schedule.doors delete                                 door  code  enrol 403   403   403   403   403   door
schedule.doors action delete_selected                 door  code  enrol 200   200   200   200   200   door

schedule.performance list                             door  code  enrol 200   200   200   200   200   door
schedule.performance add page                         door  code  enrol 403   200   200   200   200   door
schedule.performance add                              door  code  enrol 403   did   200   did   did   door
schedule.performance page                             door  code  enrol 200   200   404   200   200   door
schedule.performance save                             door  code  enrol 403   did   404   did   did   door
schedule.performance save of a given set              door  code  enrol 403   did   did   did   did   door
schedule.performance history                          door  code  enrol 200   200   404   200   200   door
schedule.performance delete page                      door  code  enrol 403   200   404   200   200   door
schedule.performance delete                           door  code  enrol 403   did   404   did   did   door
schedule.performance action announce                  door  code  enrol 200   did   404   did   did   door
schedule.performance action hide                      door  code  enrol 200   did   404   did   did   door
schedule.performance action cancel                    door  code  enrol 200   did   404   did   did   door
schedule.performance action postpone                  door  code  enrol 200   did   404   did   did   door
schedule.performance action restore                   door  code  enrol 200   did   404   did   did   door
schedule.performance action withdraw                  door  code  enrol 200   did   404   did   did   door
schedule.performance action replace                   door  code  enrol 200   302   404   302   302   door
schedule.performance action delete_selected           door  code  enrol 200   did   404   did   did   door
schedule.performance autocomplete event               door  code  enrol 200   200   200   200   200   door
schedule.performance autocomplete band                door  code  enrol 200   200   200   200   200   door
schedule.performance autocomplete venue               door  code  enrol 200   200   200   200   200   door
schedule.performance autocomplete replaces            door  code  enrol 200   200   200   200   200   door
schedule.performance look at endings                  door  code  enrol 200   200   404   200   200   door
schedule.performance do endings                       door  code  enrol 405   405   404   405   405   door
schedule.performance look at remove                   door  code  enrol 403   200   404   200   200   door
schedule.performance do remove                        door  code  enrol 403   did   404   did   did   door
schedule.performance look at withdraw                 door  code  enrol 403   200   404   200   200   door
schedule.performance do withdraw                      door  code  enrol 403   did   404   did   did   door
schedule.performance look at cancel                   door  code  enrol 403   200   404   200   200   door
schedule.performance do cancel                        door  code  enrol 403   did   404   did   did   door
schedule.performance look at postpone                 door  code  enrol 403   200   404   200   200   door
schedule.performance do postpone                      door  code  enrol 403   did   404   did   did   door
schedule.performance look at replace                  door  code  enrol 403   200   404   200   200   door
schedule.performance do replace                       door  code  enrol 403   did   404   did   did   door
schedule.performance look at hide                     door  code  enrol 403   200   404   200   200   door
schedule.performance do hide                          door  code  enrol 403   did   404   did   did   door
schedule.performance look at restore                  door  code  enrol 403   200   404   200   200   door
schedule.performance do restore                       door  code  enrol 403   did   404   did   did   door
schedule.performance look at restore_state            door  code  enrol 403   200   404   200   200   door
schedule.performance do restore_state                 door  code  enrol 403   did   404   did   did   door

schedule.change list                                  door  code  enrol 200   200   200   200   200   door
schedule.change add page                              door  code  enrol 403   403   403   403   403   door
schedule.change add                                   door  code  enrol 403   403   403   403   403   door
schedule.change page                                  door  code  enrol 200   200   404   200   200   door
schedule.change save                                  door  code  enrol 403   403   403   403   403   door
schedule.change history                               door  code  enrol 200   200   404   200   200   door
schedule.change delete page                           door  code  enrol 403   403   403   403   403   door
schedule.change delete                                door  code  enrol 403   403   403   403   403   door
schedule.change action delete_selected                door  code  enrol 200   200   200   200   200   door

schedule.plan list                                    door  code  enrol 200   200   200   200   200   door
schedule.plan add page                                door  code  enrol 403   403   403   403   403   door
schedule.plan add                                     door  code  enrol 403   403   403   403   403   door
schedule.plan page                                    door  code  enrol 200   200   404   200   200   door
schedule.plan save                                    door  code  enrol 403   403   403   403   403   door
schedule.plan history                                 door  code  enrol 200   200   404   200   200   door
schedule.plan delete page                             door  code  enrol 403   403   403   403   403   door
schedule.plan delete                                  door  code  enrol 403   403   403   403   403   door
schedule.plan action delete_selected                  door  code  enrol 200   200   200   200   200   door
schedule.plan inline PickInline                       door  code  enrol 403   403   403   403   403   door

schedule.pick list                                    door  code  enrol 200   200   200   200   200   door
schedule.pick add page                                door  code  enrol 403   403   403   403   403   door
schedule.pick add                                     door  code  enrol 403   403   403   403   403   door
schedule.pick page                                    door  code  enrol 200   200   404   200   200   door
schedule.pick save                                    door  code  enrol 403   403   403   403   403   door
schedule.pick history                                 door  code  enrol 200   200   404   200   200   door
schedule.pick delete page                             door  code  enrol 403   403   403   403   403   door
schedule.pick delete                                  door  code  enrol 403   403   403   403   403   door
schedule.pick action delete_selected                  door  code  enrol 200   200   200   200   200   door

schedule.sharelink list                               door  code  enrol 200   200   200   200   200   door
schedule.sharelink add page                           door  code  enrol 403   403   403   403   403   door
schedule.sharelink add                                door  code  enrol 403   403   403   403   403   door
schedule.sharelink page                               door  code  enrol 200   200   404   200   200   door
schedule.sharelink save                               door  code  enrol 403   403   403   403   403   door
schedule.sharelink history                            door  code  enrol 200   200   404   200   200   door
schedule.sharelink delete page                        door  code  enrol 403   403   403   403   403   door
schedule.sharelink delete                             door  code  enrol 403   403   403   403   403   door
schedule.sharelink action delete_selected             door  code  enrol 200   200   200   200   200   door

schedule.slugredirect list                            door  code  enrol 200   200   200   200   200   door
schedule.slugredirect add page                        door  code  enrol 403   403   403   403   403   door
schedule.slugredirect add                             door  code  enrol 403   403   403   403   403   door
schedule.slugredirect page                            door  code  enrol 200   200   404   200   200   door
schedule.slugredirect save                            door  code  enrol 403   403   403   403   403   door
schedule.slugredirect history                         door  code  enrol 200   200   404   200   200   door
schedule.slugredirect delete page                     door  code  enrol 403   403   403   403   403   door
schedule.slugredirect delete                          door  code  enrol 403   403   403   403   403   door
schedule.slugredirect action delete_selected          door  code  enrol 200   200   200   200   200   door

schedule.venue list                                   door  code  enrol 200   200   200   200   200   door
schedule.venue add page                               door  code  enrol 403   200   200   200   200   door
schedule.venue add                                    door  code  enrol 403   did   did   did   did   door
schedule.venue page                                   door  code  enrol 200   200   200   200   200   door
schedule.venue save                                   door  code  enrol 403   did   did   did   did   door
schedule.venue history                                door  code  enrol 200   200   200   200   200   door
schedule.venue delete page                            door  code  enrol 403   403   403   200   403   door
schedule.venue delete                                 door  code  enrol 403   403   403   did   403   door
schedule.venue action delete_selected                 door  code  enrol 200   200   200   did   403   door
schedule.venue autocomplete parent                    door  code  enrol 200   200   200   200   200   door
schedule.venue look at restore_state                  door  code  enrol 403   200   200   200   200   door
schedule.venue do restore_state                       door  code  enrol 403   did   did   did   did   door
"""
FUNCTIONS = {**other_functions(), **admin_functions()}


def rows():
    """The table, as cells by function."""
    lines = [line.split() for line in TABLE.splitlines() if line.strip() and not line.startswith("#")]
    return {" ".join(line[: -len(SUBJECTS)]): line[-len(SUBJECTS) :] for line in lines}


@pytest.fixture
def world(world):
    """Built once for many functions; every cell takes back what it wrote."""
    User.objects.create_user("v2@label.example", PASSWORD, role="viewer")
    world.at_first = fingerprint()
    return world


@pytest.fixture
def _any_passkey(world, monkeypatch):
    """Passkeys answer right: whether they do is the library's business, who may present one is ours."""
    monkeypatch.setattr(
        WebAuthnHelper, "authenticate_complete", lambda self, *, user, state, data: passkey_of(user or world.tara)
    )
    monkeypatch.setattr(WebAuthnHelper, "register_complete", lambda self, *, user, state, data: passkey_of(user))


def outcome(world, function, subject):
    """What becomes of a function that somebody calls, in a word."""
    cache.clear()
    browser = browser_of(world, subject)
    call = FUNCTIONS[function](world, subject)
    if call.before:
        call.before(browser)
    before = fingerprint() if call.before else world.at_first
    response = call.send(browser)
    if fingerprint() != before:
        return "did" if response.status_code < 400 else f"did {response.status_code}"
    led_to = {
        reverse("accounts:sign_in"): "door",
        reverse("accounts:factor"): "code",
        reverse("accounts:factor_setup"): "enrol",
    }
    address = response.headers.get("Location", "").partition("?")[0]
    return led_to.get(address, str(response.status_code))


def group_of(function):
    """Functions that are checked together: those of an app's models, and those outside the models."""
    return function.partition(".")[0] if "." in function else "outside the models"


@pytest.mark.usefixtures("_any_passkey")
@pytest.mark.parametrize("group", sorted({group_of(function) for function in FUNCTIONS}))
def test_functions_are_open_to_whom_the_table_says(world, group):
    table = {function: cells for function, cells in rows().items() if group_of(function) == group}

    found = {
        function: [taken_back(lambda f=function, s=subject: outcome(world, f, s)) for subject in SUBJECTS]
        for function in table
    }

    assert differences(found, table) == {}


def differences(found, table):
    """Cells that are not as the table says, with what is found instead."""
    return {
        (function, subject): cell
        for function, cells in found.items()
        for subject, cell, expected in zip(SUBJECTS, cells, table[function], strict=True)
        if cell != expected
    }


def test_every_function_has_a_line_in_the_table():
    missing = sorted(set(FUNCTIONS) - set(rows()))
    assert missing == [], f"Add a line for each of {missing} to TABLE in tests/security/test_matrix.py."
    assert sorted(set(rows()) - set(FUNCTIONS)) == [], "These lines of TABLE name functions that are no more."


def test_every_route_is_called_by_a_function():
    called = {function.partition(" ")[0] for function in other_functions()}
    pages = {"changelist", "add", "history", "delete", "change", "act", None}
    routes = {name for name, _ in public_patterns()}
    routes |= {
        name for name, pattern, _ in all_patterns() if pattern.startswith("admin/") and not is_of_model(name, pages)
    } - row_pages()

    missing = sorted(routes - called)
    assert missing == [], (
        f"Add a call for each of {missing} to other_functions() in tests/security/calls.py, "
        "and a line to TABLE in tests/security/test_matrix.py."
    )


def is_of_model(name, pages):
    return name is None or (name.rpartition("_")[2] in pages and name.count("_") > 1)


# --- Methods -----------------------------------------------------------------------------------

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
READS, FORM, DOES = {"GET", "HEAD"}, {"GET", "POST"}, {"POST"}
SHOWN = {"GET"}
# What each route of one's own account and of the door answers; public ones are read, the admin's read and posted to.
METHODS_OF = {
    **dict.fromkeys(
        ["sign_in", "factor", "confirm", "sign_up", "activate", "reset", "unlock", "recover", "resend"], FORM
    ),
    **dict.fromkeys(["profile", "password", "app_add", "email_factor_add"], FORM),
    **dict.fromkeys(["factor_rename", "factor_remove", "codes_show"], FORM),
    **dict.fromkeys(["session_left", "mailbox", "security", "factor_setup"], SHOWN),
    **dict.fromkeys(["email_code", "sign_out", "language_choose", "session_stay", "codes_make"], DOES),
    **dict.fromkeys(["device_revoke", "devices_revoke", "session_end", "sessions_end"], DOES),
    **dict.fromkeys(["passkey_sign_in_begin", "passkey_sign_in_finish", "passkey_confirm_begin"], DOES),
    **dict.fromkeys(["passkey_confirm_finish", "passkey_register_begin", "passkey_register_finish"], DOES),
}


def test_other_methods_are_refused_on_every_route(world):
    browser = browser_of(world, "D")

    answered = []
    for name, pattern, _ in all_patterns():
        allowed = {"GET", "HEAD", "POST"} if pattern.startswith("admin/") else METHODS_OF.get(name, READS)
        if name == "login" or (pattern.startswith("admin/") and name is None and "object_id" in pattern):
            continue  # lead on to the door and to the row's page, whatever the method
        for method in sorted(METHODS - allowed):
            cache.clear()
            response = browser.generic(method, address_of(world, name, pattern))
            if response.status_code != 405:
                answered.append((method, pattern, response.status_code))
    assert answered == []
