/**
 * The words that EXT_T_0 stands for (WV-CSP-WBXML 1.1 and 1.2, IMPS-CSP-WBXML 1.3), from index 0x00 on, marked as in
 * `tag-pages`. Those that end in a slash are beginnings, and what follows is a string.
 */
export const valueWords = `
  AccessType ActiveUsers Admin application/ application/vnd.wap.mms-message application/x-sms AutoJoin BASE64
  Closed Default DisplayName F G GR http:// https:// image/ Inband IM MaxActiveUsers Mod Name None N Open Outband
  PR Private PrivateMessaging PrivilegeLevel Public P Request Response Restricted ScreenName Searchable S SC text/
  text/plain text/x-vCalendar text/x-vCard Topic T Type U US www.wireless-village.org AutoDelete+1.2 GM+1.2
  Validity+1.2 DENIED+1.2 GRANTED+1.2 PENDING+1.2 ShowID+1.2 RequireInvitation+1.3 Tiny+1.3 PPU+1.3 SPA+1.3
  ANC+1.3 GROUP_ID GROUP_NAME GROUP_TOPIC GROUP_USER_ID_JOINED GROUP_USER_ID_OWNER HTTP SMS STCP SUDP USER_ALIAS
  USER_EMAIL_ADDRESS USER_FIRST_NAME USER_ID USER_LAST_NAME USER_MOBILE_NUMBER USER_ONLINE_STATUS WAPSMS WAPUDP
  WSP GROUP_USER_ID_AUTOJOIN+1.2 AND+1.3 AC+1.3 BLC+1.3 BLUC+1.3 CLCR+1.3 CLD+1.3 GC+1.3 GD+1.3 GLC+1.3 ANU+1.3
  ANGRY ANXIOUS ASHAMED AUDIO_CALL~1.3 AVAILABLE BORED CALL CLI COMPUTER DISCREET EMAIL EXCITED HAPPY IM=AP
  IM_OFFLINE~1.3 IM_ONLINE~1.3 IN_LOVE INVINCIBLE JEALOUS MMS MOBILE_PHONE NOT_AVAILABLE OTHER PDA SAD SLEEPY SMS
  VIDEO_CALL~1.3 VIDEO_STREAM~1.3 www.openmobilealliance.org+1.3 Small+1.3 Medium+1.3 Big+1.3 Huge+1.3 Bold+1.3
  Italic+1.3 Underline+1.3 Black+1.3 Silver+1.3 Gray+1.3 White+1.3 Maroon+1.3 Red+1.3 Purple+1.3 Fuchsia+1.3
  Green+1.3 Lime+1.3 Olive+1.3 Yellow+1.3 Navy+1.3 Blue+1.3 Teal+1.3 Aqua+1.3 ATCL+1.3 CLC+1.3 - USER_CITY+1.3
  USER_COUNTRY+1.3 USER_FRIENDLY_NAME+1.3 USER_GENDER+1.3 USER_INTENTION+1.3 USER_INTERESTS_HOBBIES+1.3
  USER_MARITAL_STATUS+1.3 PRIORITYREJECT+1.3 PRIORITYSTORE+1.3 REJECT+1.3 SENDREJECT+1.3 SENDSTORE+1.3 IR+1.3
  EC+1.3 GLUC+1.3 IA+1.3 IC+1.3 SSMS+1.2 SHTTP+1.2 DoNotNotify+1.3 GMAU+1.3 GMG+1.3 GMR+1.3 GMU+1.3 DETECT+1.3
  FORKALL+1.3 OEU+1.3 SERVERLOGIC+1.3 PP_AGE+1.3 PP_CITY+1.3 PP_COUNTRY+1.3 PP_FRIENDLY_NAME+1.3 PP_FREE_TEXT+1.3
  PP_GENDER+1.3 PP_INTENTION+1.3 PP_INTERESTS+1.3 PP_MARITAL_STATUS+1.3 USER_AGE_MAX+1.3 USER_AGE_MIN+1.3 EG+1.3
  MinimumAge+1.3 C+1.3 CURRENT_SUBSCRIBER+1.3 FORMER_SUBSCRIBER+1.3 PRESENCE_ACCESS+1.3 R+1.3
`;
