/**
 * The numbers that CSP tags and values have in WBXML, in hexadecimal by code page, as their public tables have them. `@12` says
 * in which versions (1.1, 1.2, 1.3) a name has that number; without it in all.
 */

export const tagPages: readonly string[] = [
  `
  05=Acceptance 06=AddList 07=AddNickList 08=SName 09=WV-CSP-Message 0A=ClientID 0B=Code 0C=ContactList
  0D=ContentData 0E=ContentEncoding 0F=ContentSize 10=ContentType 11=DateTime 12=Description 13=DetailedResult
  14=EntityList 15=Group 16=GroupID 17=GroupList 18=InUse@12 19=Logo 1A=MessageCount 1B=MessageID 1C=MessageURI
  1D=MSISDN 1E=Name 1F=NickList 20=NickName 21=Poll 22=Presence 23=PresenceSubList 24=PresenceValue 25=Property
  26=Qualifier 27=Recipient 28=RemoveList 29=RemoveNickList 2A=Result 2B=ScreenName 2C=Sender 2D=Session
  2E=SessionDescriptor 2F=SessionID 30=SessionType 31=Status 32=Transaction 33=TransactionContent
  34=TransactionDescriptor 35=TransactionID 36=TransactionMode 37=URL 38=URLList 39=User 3A=UserID 3B=UserList
  3C=Validity 3D=Value
  `,
  `
  05=AllFunctions 06=AllFunctionsRequest 07=CancelInvite-Request 08=CancelInviteUser-Request 09=Capability@12
  0A=CapabilityList 0B=CapabilityRequest 0C=ClientCapability-Request 0D=ClientCapability-Response 0E=DigestBytes
  0F=DigestSchema 10=Disconnect 11=Functions 12=GetSPInfo-Request 13=GetSPInfo-Response 14=InviteID 15=InviteNote
  16=Invite-Request 17=Invite-Response 18=InviteType 19=InviteUser-Request 1A=InviteUser-Response
  1B=KeepAlive-Request 1C=KeepAliveTime 1D=Login-Request 1E=Login-Response 1F=Logout-Request 20=Nonce 21=Password
  22=Polling-Request 23=ResponseNote 24=SearchElement 25=SearchFindings 26=SearchID 27=SearchIndex 28=SearchLimit
  29=KeepAlive-Response 2A=SearchPairList 2B=Search-Request 2C=Search-Response 2D=SearchResult 2E=Service-Request
  2F=Service-Response 30=SessionCookie 31=StopSearch-Request 32=TimeToLive 33=SearchString 34=CompletionFlag
  36=ReceiveList@23 37=VerifyID-Request@23 38=Extended-Request@23 39=Extended-Response@23 3A=AgreedCapabilityList@23
  3B=ExtendedData@23 3C=OtherServer@23 3D=PresenceAttributeNSName@23 3E=SessionNSName@23 3F=TransactionNSName@23
  `,
  `
  05=ADDGM 06=AttListFunc@12 07=BLENT 08=CAAUT@12 09=CAINV 0A=CALI@12 0B=CCLI 0C=ContListFunc 0D=CREAG 0E=DALI@12
  0F=DCLI 10=DELGR 11=FundamentalFeat 12=FWMSG 13=GALS@12 14=GCLI 15=GETGM 16=GETGP 17=GETLM 18=GETM 19=GETPR
  1A=GETSPI 1B=GETWL 1C=GLBLU 1D=GRCHN 1E=GroupAuthFunc 1F=GroupFeat 20=GroupMgmtFunc 21=GroupUseFunc 22=IMAuthFunc
  23=IMFeat 24=IMReceiveFunc 25=IMSendFunc 26=INVIT 27=InviteFunc 28=MBRAC 29=MCLS 2A=MDELIV 2B=NEWM 2C=NOTIF
  2D=PresenceAuthFunc 2E=PresenceDeliverFunc 2F=PresenceFeat 30=REACT@12 31=REJCM 32=REJEC 33=RMVGM 34=SearchFunc
  35=ServiceFunc 36=SETD 37=SETGP 38=SRCH 39=STSRC 3A=SUBGCN 3B=UPDPR 3C=WVCSPFeat 3D=MF@23 3E=MG@23 3F=MM@23
  `,
  `
  05=AcceptedCharSet@12 06=AcceptedContentLength@12 07=AcceptedContentType 08=AcceptedTransferEncoding 09=AnyContent
  0A=DefaultLanguage 0B=InitialDeliveryMethod 0C=MultiTrans 0D=ParserSize 0E=ServerPollMin 0F=SupportedBearer
  10=SupportedCIRMethod 11=TCPAddress 12=TCPPort 13=UDPPort 14=CIRURL@2 14=CIRHTTPAddress@3 15=UDPAddress@3
  16=AcceptedPullLength@3 17=AcceptedPushLength@3 18=AcceptedRichContentLength@3 19=AcceptedTextContentLength@3
  1A=OfflineETEMHandling@3 1B=PlainTextCharset@3 1C=SessionPriority@3 1D=SupportedOfflineBearer@3
  1F=UserSessionLimit@3 20=CIRSMSAddress@3 21=MultiTransPerMessage@3 22=OnlineETEMHandling@3 23=ContentPolicy@3
  24=ContentPolicyLimit@3
  `,
  `
  05=CancelAuth-Request@12 06=ContactListProperties 07=CreateAttributeList-Request 08=CreateList-Request
  09=DefaultAttributeList 0A=DefaultContactList 0B=DefaultList 0C=DeleteAttributeList-Request 0D=DeleteList-Request
  0E=GetAttributeList-Request 0F=GetAttributeList-Response 10=GetList-Request 11=GetList-Response
  12=GetPresence-Request 13=GetPresence-Response 14=GetWatcherList-Request 15=GetWatcherList-Response
  16=ListManage-Request 17=ListManage-Response 18=UnsubscribePresence-Request 19=PresenceAuth-Request@12
  1A=PresenceAuth-User@12 1B=PresenceNotification-Request 1C=UpdatePresence-Request 1D=SubscribePresence-Request
  1E=AutoSubscribe@2 1F=GetReactiveAuthStatus-Request@2 20=GetReactiveAuthStatus-Response@2 21=CreateList-Response@3
  `,
  `
  05=Accuracy 06=Address 07=AddrPref 08=Alias 09=Altitude 0A=Building 0B=Caddr 0C=City 0D=ClientInfo
  0E=ClientProducer 0F=ClientType 10=ClientVersion 11=CommC 12=CommCap 13=ContactInfo 14=ContainedvCard 15=Country
  16=Crossing1 17=Crossing2 18=DevManufacturer 19=DirectContent 1A=FreeTextLocation 1B=GeoLocation 1C=Language
  1D=Latitude 1E=Longitude 1F=Model 20=NamedArea 21=OnlineStatus 22=PLMN 23=PrefC 24=PreferredContacts
  25=PreferredLanguage 26=ReferredContent 27=ReferredvCard 28=Registration 29=StatusContent 2A=StatusMood
  2B=StatusText 2C=Street 2D=TimeZone 2E=UserAvailability 2F=Cap 30=Cname 31=Contact 32=Cpriority 33=Cstatus 34=Note
  35=Zone 36=ContentType@23 37=Inf_link@23 38=InfoLink@23 39=Link@23 3A=Text@23 3B=ClientContentLimit@3
  3C=ClientIMPriority@3 3D=MaxPullLength@3 3E=MaxPushLength@3
  `,
  `
  05=BlockList 06=BlockEntity-Request 07=DeliveryMethod 08=DeliveryReport 09=DeliveryReport-Request
  0A=ForwardMessage-Request 0B=GetBlockedList-Request 0C=GetBlockedList-Response 0D=GetMessageList-Request
  0E=GetMessageList-Response 0F=GetMessage-Request 10=GetMessage-Response 11=GrantList 12=MessageDelivered
  13=MessageInfo 14=MessageNotification 15=NewMessage 16=RejectMessage-Request 17=SendMessage-Request
  18=SendMessage-Response 19=SetDeliveryMethod-Request 1A=DeliveryTime 20=MessageInfoList@3
  21=ForwardMessage-Response@3
  `,
  `
  05=AddGroupMembers-Request 06=Admin 07=CreateGroup-Request 08=DeleteGroup-Request 09=GetGroupMembers-Request
  0A=GetGroupMembers-Response 0B=GetGroupProps-Request 0C=GetGroupProps-Response 0D=GroupChangeNotice
  0E=GroupProperties 0F=Joined 10=JoinedRequest 11=JoinGroup-Request 12=JoinGroup-Response 13=LeaveGroup-Request
  14=LeaveGroup-Response 15=Left 16=MemberAccess-Request 17=Mod 18=OwnProperties 19=RejectList-Request
  1A=RejectList-Response 1B=RemoveGroupMembers-Request 1C=SetGroupProps-Request 1D=SubscribeGroupNotice-Request
  1E=SubscribeGroupNotice-Response 1F=Users@12 20=WelcomeNote 21=JoinGroup 22=SubscribeNotification 23=SubscribeType
  24=GetJoinedUsers-Request@23 25=GetJoinedUsers-Response@23 26=AdminMapList@23 27=AdminMapping@23 28=Mapping@23
  29=ModMapping@23 2A=UserMapList@23 2B=UserMapping@23 2C=JoinedBlocked@3 2D=LeftBlocked@3
  `,
  `
  05=MP@23 06=GETAUT@23 07=GETJU@23 08=VRID@23 09=VerifyIDFunc@23 0A=GETMAP@3 0B=SGMNT@3 0C=EXCON@3 0D=OFFNOTIF@3
  0E=ADVSR@3
  `,
  `
  05=CIR@23 06=Domain@23 07=ExtBlock@23 08=HistoryPeriod@23 09=IDList@23 0A=MaxWatcherList@23 0B=ReactiveAuthState@2
  0B=AnswerOptionText@3 0C=ReactiveAuthStatus@2 0D=ReactiveAuthStatusList@2 0E=Watcher@23 0F=WatcherStatus@23
  10=Font@3 11=Size@3 12=Style@3 13=Color@3 14=ContentName@3 15=Map@3 16=NotificationType@3
  17=NotificationTypeList@3 18=FriendlyName@3 19=ClearPublicProfile@3 1A=PublicProfile@3 1B=AnswerOption@3
  1C=AnswerOptionID@3 1D=AnswerOptions@3 1E=ApplicationID@3 1F=AuthorizeAndGrant@3 20=ChosenOptionID@3
  21=ContactListNotify@3 22=DefaultNotify@3 23=ExtendConversationUser@3 24=InText@3 25=SegmentCount@3 26=SegmentID@3
  27=SegmentInfo@3 28=SegmentReference@3 29=SystemMessage@3 2A=SystemMessageID@3 2B=SystemMessageList@3
  2C=SystemMessageResponse@3 2D=SystemMessageResponseList@3 2F=SystemMessageText@3 30=TryAgainTimeout@3
  31=UserNotify@3 32=VerificationKey@3 33=VerificationMechanism@3 34=GetMap-Request@3 35=GetMap-Response@3
  36=ExtendConversationID@3 37=WatcherCount@3 38=RequiresResponse@3 39=ExtBlockETEM@3 3A=GroupContentLimit@3
  3B=MessageTotalCount@3 3C=UnrecognizedUserID@3 3D=UserIDPair@3 3E=ValidUserID@3 3F=UserIDList@3
  `,
  `
  05=WV-CSP-VersionDiscovery-Request@23 06=WV-CSP-VersionDiscovery-Response@23 07=VersionList@23
  08=SubscribeNotification-Request@3 09=UnsubscribeNotification-Request@3 0A=Notification-Request@3
  0B=AdvancedCriteria@3 0C=PairID@3 0D=GetPublicProfile-Request@3 0E=GetPublicProfile-Response@3
  0F=UpdatePublicProfile-Request@3 10=DropSegment-Request@3 11=ExtendConversation-Response@3
  12=ExtendConversation-Request@3 13=GetSegment-Request@3 14=GetSegment-Response@3 15=SystemMessage-Request@3
  16=SystemMessage-User@3 17=SearchPair@3 18=SegmentContent@3
  `,
  `
  05=GrantListInUse@3 06=BlockListInUse@3 07=ContactListIDList@3 08=AnswerOptionsText@3
  `,
];

/** Each stands for the whole of a text, or for the beginning of one that ends in a slash. */
export const valueTokens = `
  00=AccessType 01=ActiveUsers 02=Admin 03=application/ 04=application/vnd.wap.mms-message 05=application/x-sms
  06=AutoJoin 07=BASE64 08=Closed 09=Default 0A=DisplayName 0B=F 0C=G 0D=GR 0E=http:// 0F=https:// 10=image/
  11=Inband 12=IM 13=MaxActiveUsers 14=Mod 15=Name 16=None 17=N 18=Open 19=Outband 1A=PR 1B=Private
  1C=PrivateMessaging 1D=PrivilegeLevel 1E=Public 1F=P 20=Request 21=Response 22=Restricted 23=ScreenName
  24=Searchable 25=S 26=SC 27=text/ 28=text/plain 29=text/x-vCalendar 2A=text/x-vCard 2B=Topic 2C=T 2D=Type 2E=U
  2F=US 30=www.wireless-village.org 31=AutoDelete@23 32=GM@23 33=Validity@23 34=DENIED@23 35=GRANTED@23
  36=PENDING@23 37=ShowID@23 38=RequireInvitation@3 39=Tiny@3 3A=PPU@3 3B=SPA@3 3C=ANC@3 3D=GROUP_ID 3E=GROUP_NAME
  3F=GROUP_TOPIC 40=GROUP_USER_ID_JOINED 41=GROUP_USER_ID_OWNER 42=HTTP 43=SMS 44=STCP 45=SUDP 46=USER_ALIAS
  47=USER_EMAIL_ADDRESS 48=USER_FIRST_NAME 49=USER_ID 4A=USER_LAST_NAME 4B=USER_MOBILE_NUMBER 4C=USER_ONLINE_STATUS
  4D=WAPSMS 4E=WAPUDP 4F=WSP 50=GROUP_USER_ID_AUTOJOIN@23 51=AND@3 52=AC@3 53=BLC@3 54=BLUC@3 55=CLCR@3 56=CLD@3
  57=GC@3 58=GD@3 59=GLC@3 5A=ANU@3 5B=ANGRY 5C=ANXIOUS 5D=ASHAMED 5E=AUDIO_CALL@12 5F=AVAILABLE 60=BORED 61=CALL
  62=CLI 63=COMPUTER 64=DISCREET 65=EMAIL 66=EXCITED 67=HAPPY 68=IM@12 68=AP@3 69=IM_OFFLINE@12 6A=IM_ONLINE@12
  6B=IN_LOVE 6C=INVINCIBLE 6D=JEALOUS 6E=MMS 6F=MOBILE_PHONE 70=NOT_AVAILABLE 71=OTHER 72=PDA 73=SAD 74=SLEEPY
  75=SMS 76=VIDEO_CALL@12 77=VIDEO_STREAM@12 78=www.openmobilealliance.org@3 79=Small@3 7A=Medium@3 7B=Big@3
  7C=Huge@3 7D=Bold@3 7E=Italic@3 7F=Underline@3 80=Black@3 81=Silver@3 82=Gray@3 83=White@3 84=Maroon@3 85=Red@3
  86=Purple@3 87=Fuchsia@3 88=Green@3 89=Lime@3 8A=Olive@3 8B=Yellow@3 8C=Navy@3 8D=Blue@3 8E=Teal@3 8F=Aqua@3
  90=ATCL@3 91=CLC@3 93=USER_CITY@3 94=USER_COUNTRY@3 95=USER_FRIENDLY_NAME@3 96=USER_GENDER@3 97=USER_INTENTION@3
  98=USER_INTERESTS_HOBBIES@3 99=USER_MARITAL_STATUS@3 9A=PRIORITYREJECT@3 9B=PRIORITYSTORE@3 9C=REJECT@3
  9D=SENDREJECT@3 9E=SENDSTORE@3 9F=IR@3 A0=EC@3 A1=GLUC@3 A2=IA@3 A3=IC@3 A4=SSMS@23 A5=SHTTP@23 A6=DoNotNotify@3
  A7=GMAU@3 A8=GMG@3 A9=GMR@3 AA=GMU@3 AB=DETECT@3 AC=FORKALL@3 AD=OEU@3 AE=SERVERLOGIC@3 AF=PP_AGE@3 B0=PP_CITY@3
  B1=PP_COUNTRY@3 B2=PP_FRIENDLY_NAME@3 B3=PP_FREE_TEXT@3 B4=PP_GENDER@3 B5=PP_INTENTION@3 B6=PP_INTERESTS@3
  B7=PP_MARITAL_STATUS@3 B8=USER_AGE_MAX@3 B9=USER_AGE_MIN@3 BA=EG@3 BB=MinimumAge@3 BC=C@3 BD=CURRENT_SUBSCRIBER@3
  BE=FORMER_SUBSCRIBER@3 BF=PRESENCE_ACCESS@3 C0=R@3
`;
