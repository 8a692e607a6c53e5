// print: size=1440x960 key=#1d2c3a spot=#e0a21b seed=151 knock=.7
// From the watch house: part of the line, at anchor in the roads, all with their heads to the wind.
#declare Seed=27; #declare Haze=900; #declare HazeTop=16; #declare HazeTone=.86; #declare PlainShips=1; #declare SunX=.4; #declare SunY=.8; #declare SunZ=-.3; #declare SunLight=.7; #declare SkyLow=.90; #declare SkyHigh=.34; #declare SkyBand=.30; #declare Fill=.2; #declare Ambient=.14;
#include "kit.inc"
#declare Eye=<0,30,-90>;
camera{location Eye look_at Eye+<.0,-.135,1> right x*image_width/image_height angle 46}
Overcast(260,.16,.93,260,120)
#declare Sea=function(a,b){sin(a*.030+b*.055)*2.9+sin(a*.066-b*.04+1)*.8+sin(a*.018+b*.11+2)*1.5+abs(sin(a*.09+b*.13))*.8-.4+sin(a*.21-b*.16)*.22+sin(a*.43+b*.31)*.11}
Swell(Sea,7,-900,-70,900,1900,1300,.05)
#macro Ship(L,kind,px,pz,turn,pitch)
  #if (kind<2) object{Freighter(L,.02,kind) rotate z*pitch rotate y*turn translate<px,-1,pz>} #else
    union{Hull(L,L*.16,L*.055,.5,.02) box{<-.45*L,L*.05,-L*.07>,<-.36*L,L*.19,L*.07> Tone(.5)} box{<-.44*L,L*.17,-L*.09>,<-.38*L,L*.20,L*.09> Tone(.5)} cylinder{<-.43*L,L*.19,0>,<-.435*L,L*.25,0>,L*.02} box{<-.33*L,L*.05,-L*.02>,<.34*L,L*.066,L*.02>} Bar(<.0,L*.05,0>,<0,L*.11,0>,L*.006) Bar(<-.03*L,L*.1,0>,<.03*L,L*.1,0>,L*.004) Bar(<.43*L,L*.06,0>,<.43*L,L*.15,0>,L*.004) Tone(.02) rotate z*pitch rotate y*turn translate<px,-1,pz>} #end
  #local lamp=vrotate(vrotate(<.43*L,L*.205,0>,z*pitch),y*turn)+<px,-1,pz>; sphere{lamp,1.1+pz*.0024 no_shadow Spot(1)} Glow(lamp+z*2,4.6+pz*.009,.5)
#end
#macro Anchored(L,kind,px,pz,turn,pitch) Ship(L,kind,px,pz,turn,pitch)
  #local hawse=vrotate(<.5*L,L*.07,0>,y*turn)+<px,-1,pz>; Bar(hawse,hawse+vrotate(<L*.10,-L*.09,0>,y*turn),.22) #end
Anchored(128,1,-42,190,162,2)
Anchored(118,0,96,300,160,-2)
Anchored(122,2,-168,440,159,1)
Anchored(126,1,40,600,161,-1)
Anchored(120,0,-110,800,159,1)
Anchored(124,2,300,900,160,0)
// The watch house: the sill and a corner of its rail, near.
union{ box{<-14,-.5,-.3>,<14,-.0,.3>} #declare k=0; #while(k<15) Bar(<-14+k*2,-3,0>,<-14+k*2,0,0>,.05) #declare k=k+1; #end Tone(.002) rotate z*2 translate Eye+<0,-3.72,9.4>}
union{cylinder{<0,-3,0>,<0,.2,0>,.10} cylinder{<-.62,.35,.1>,<.62,.62,-.2>,.20} cylinder{<.60,.61,-.2>,<.78,.69,-.24>,.25} box{<-.1,.0,-.1>,<.1,.4,.1>} Tone(.002) rotate y*22 translate Eye+<2.5,-2.95,8.4>}
#declare i=0; #while(i<9) Gull(Eye+<Between(-13,13),Between(-4,3.5),Between(30,52)>,Between(.9,1.5),Between(-35,35),T4) #declare i=i+1; #end
#declare i=0; #while(i<4) Gull(Eye+<Between(-9,9),Between(2.4,4.6),Between(22,34)>,Between(.7,1.1),Between(-35,35),.02) #declare i=i+1; #end
